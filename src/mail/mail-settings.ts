// What mails are made with and how they leave: set once at start, like the secrets. Templates are read then, too.
import { readFile } from 'node:fs/promises';
import ejs, { type TemplateFunction } from 'ejs';
import { createTransport } from 'nodemailer';
import type { Language } from '../applications/application.ts';
import type { Config } from '../config.ts';
import type { Texts } from '../texts.ts';

type MailConfig = Pick<Config, 'public_url' | 'brand' | 'time_zone' | 'mail' | 'contact' | 'default_language'>;
export type Transport = ReturnType<typeof createTransport>;

export type MailSettings = {
  readonly publicUrl: URL;
  readonly brand: string;
  readonly accent: string;
  readonly timeZone: string;
  readonly customerService: string | undefined;
  readonly defaultLanguage: Language;
  readonly texts: Texts;
  readonly from: { readonly name: string; readonly address: string };
  readonly keepDays: number;
  readonly templates: { readonly text: TemplateFunction; readonly html: TemplateFunction };
  /** Undefined: there is no mail server, mails are kept. */
  readonly transport: Transport | undefined;
};

const FOLDER = new URL('../../views/mail/', import.meta.url);
/** The values that both templates use by name. */
const LOCALS = ['t', 'language', 'letter', 'brand', 'accent'];
const TIMEOUT_MS = 15_000;

let current: MailSettings | undefined;

/** The process's settings. A programming error before startMail. */
export function mailSettings(): MailSettings {
  if (!current) throw new Error('Mail is not started');
  return current;
}

/** Call once at start, after the public address is known. */
export async function startMail(config: MailConfig, texts: Texts): Promise<void> {
  const { mail, public_url: publicUrl } = config;
  current = {
    publicUrl,
    brand: config.brand.name,
    accent: config.brand.accent,
    timeZone: config.time_zone,
    customerService: config.contact.customer_service ?? undefined,
    defaultLanguage: config.default_language,
    texts,
    from: { name: config.brand.name, address: mail.from ?? `no-reply@${publicUrl.hostname}` },
    keepDays: mail.keep_days,
    templates: { text: await compile('text.ejs', String), html: await compile('html.ejs') },
    transport: mail.smtp_url === null ? undefined : openTransport(mail.smtp_url, mail.require_tls),
  };
}

/** @param escape for `<%=`; by default HTML's. */
async function compile(file: string, escape?: (value: unknown) => string): Promise<TemplateFunction> {
  const source = await readFile(new URL(file, FOLDER), 'utf8');
  return ejs.compile(source, { strict: true, destructuredLocals: LOCALS, ...(escape && { escape }) });
}

function openTransport(url: string, requireTLS: boolean): Transport {
  return createTransport({
    url,
    requireTLS,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: 2 * TIMEOUT_MS,
    // A mail is made of texts only: no file or address is ever fetched into one.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
