// What a setting may hold, one kind each. A fault continues "<setting>: " in words for whoever runs the hub.
import { extname } from 'node:path';
import { z } from 'zod';

const LARGEST_RADIUS = 24;
const KEY_BYTES = 32;
const LOGO_TYPES = ['.png', '.jpg', '.jpeg', '.webp'];

export const text = z.string({ error: 'must be a text' }).min(1, { error: 'must not be empty' });
export const optional = text.nullable();
export const flag = z.union([z.boolean(), z.stringbool()], { error: 'must be yes or no' });

export const whole = (from: number, to: number) => {
  const error = `must be a whole number from ${from} to ${to}`;
  const number = z.coerce.number({ error }).int({ error }).min(from, { error }).max(to, { error });
  // As a number nothing is 0, and yes is 1.
  return z.preprocess((value) => (value === null || typeof value === 'boolean' ? Number.NaN : value), number);
};

export const oneOf = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}` });

/** A text that fulfils the condition, or nothing. */
const optionalWhere = (isRight: (value: string) => boolean, error: string) =>
  z.string({ error }).refine(isRight, { error }).nullable();

const hasHost = (value: string) => URL.canParse(value) && new URL(value).hostname !== '';

export const webPage = optionalWhere(
  (value) => /^https?:/i.test(value) && hasHost(value),
  'must be an http or https address',
);

export const mailServer = optionalWhere(
  (value) => /^smtps?:/i.test(value) && hasHost(value),
  'must be smtp://user:password@host:port, or smtps://',
);

export const mailAddress = z.email({ error: 'must be an e-mail address' }).nullable();

/** The host may be a parameter: a unix socket's folder is none that an address can name. */
export const databaseUrl = optionalWhere(
  (value) => /^postgres(ql)?:\/\//i.test(value),
  'must be postgres://user:password@host:port/database',
);

export const secretsKey = optionalWhere(
  (value) => Buffer.from(value.trim(), 'base64').length === KEY_BYTES,
  `must hold ${KEY_BYTES} bytes in base64 (openssl rand -base64 ${KEY_BYTES})`,
);

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export const timeZone = text.refine(isTimeZone, { error: 'must be an IANA time zone such as Europe/Brussels' });

export const picture = optionalWhere(
  (file) => LOGO_TYPES.includes(extname(file).toLowerCase()),
  'must be a PNG, JPEG or WebP file',
);

export const color = text.regex(/^#[0-9a-f]{6}$/i, { error: 'must be a colour as #rrggbb' });

export const radius = text.refine(
  (value) => /^\d{1,2}px$/.test(value) && Number.parseInt(value, 10) <= LARGEST_RADIUS,
  { error: `must be a radius from 0px to ${LARGEST_RADIUS}px` },
);
