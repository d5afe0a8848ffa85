// The whole application on a real port and a real database, with the shipped applications, and companies that may have
// all of them. Whoever visits has a session of the provider's form; how people come by one is test/oidc's.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from '@jest/globals';
import express from 'express';
import { v7 as uuidv7 } from 'uuid';
import { createApp } from '../../src/app.ts';
import { loadCatalogue } from '../../src/applications/catalogue.ts';
import { setCatalogue } from '../../src/applications/current-catalogue.ts';
import { loadConfig } from '../../src/config.ts';
import { artefactHash } from '../../src/credentials/artefact-hash.ts';
import { query } from '../../src/database/query.ts';
import { startJobs, stopJobs } from '../../src/database/jobs.ts';
import { SELF_GIVING_NOTICE } from '../../src/entitlements/check-giving.ts';
import type { EntitlementInput, Span } from '../../src/entitlements/entitlement-input.ts';
import { setTokenIssuer } from '../../src/entitlements/token-issuer.ts';
import { createCustomerAccount } from '../../src/organizations/create-customer-account.ts';
import { createOrganization, type NewOrganization } from '../../src/organizations/create-organization.ts';
import { ensureOperatorOrganization } from '../../src/organizations/operator-organization.ts';
import { putResources } from '../../src/organizations/put-resources.ts';
import { setSubscription } from '../../src/organizations/set-subscription.ts';
import { aUser as aPerson, ctxOf, OPERATOR, type Organization, type Person } from '../giving/world.ts';
import { openCredentials, systemCtx } from '../oidc/hub.ts';
import { closeTestDatabase, silent } from '../support/database.ts';

const FOLDER = new URL('../../config/applications/', import.meta.url).pathname;
export const catalogue = await loadCatalogue(FOLDER);

export type RightsHub = Awaited<ReturnType<typeof openRightsHub>>;

export async function openRightsHub() {
  const opened = await openCredentials();
  setCatalogue(catalogue);
  await ensureOperatorOrganization(systemCtx(), 'Operator');
  const shell = express();
  const server = createServer(shell);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  const config = loadConfig({ PORT: String(port), DATA_DIR: opened.dataDir });
  setTokenIssuer(`${config.public_url.origin}/oidc`);
  const { app, handlers } = await createApp({
    config,
    log: silent,
    ready: () => Promise.resolve(true),
    extend: () => Promise.resolve(),
  });
  shell.use(app);
  await stopJobs();
  await startJobs({ [SELF_GIVING_NOTICE]: { run: () => Promise.resolve() }, ...handlers }, opened.url, silent);
  return {
    origin: config.public_url.origin,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await closeTestDatabase();
    },
  };
}

/** For the whole file: it is there from its first beforeAll on. */
export function useRightsHub(): { readonly origin: string } {
  let open: RightsHub | undefined;
  beforeAll(async () => {
    open = await openRightsHub();
  });
  afterAll(() => open?.stop());
  return {
    get origin() {
      if (!open) throw new Error('The hub has not begun');
      return open.origin;
    },
  };
}

/** Billing addresses A1 and A2, A3 closed; contracts M1 (master) and C2, C3 closed; a subscription on everything. */
export async function aCompany(input: Partial<NewOrganization> = {}): Promise<Organization> {
  const { id } = await createOrganization(ctxOf('', OPERATOR), { name: 'Lindenhof', ...input });
  const operator = ctxOf(id, OPERATOR);
  const account = await createCustomerAccount(operator, { number: uuidv7().slice(-12), name: 'Lindenhof Antwerp' });
  const resource = (kind: 'contracts' | 'billing_addresses') => (number: string, index: number) => ({
    kind,
    number,
    label: `Label of ${number}`,
    state: index === 2 ? ('closed' as const) : ('active' as const),
    master: number === 'M1',
  });
  await putResources(operator, {
    customerAccountId: account.id,
    resources: [
      ...['A1', 'A2', 'A3'].map(resource('billing_addresses')),
      ...['M1', 'C2', 'C3'].map(resource('contracts')),
    ],
  });
  for (const application of catalogue.values()) {
    await setSubscription(operator, {
      customerAccountId: account.id,
      application: application.key,
      values: Object.fromEntries(application.dimensions.map((dimension) => [dimension, '*'])),
    });
  }
  return { id, operator, accountId: account.id, number: account.number };
}

export const aUser = aPerson;

/** Deposits of these products on A1. */
export const deposits = (
  { accountId }: Organization,
  products: readonly string[],
  more: Partial<EntitlementInput & Span> = {},
): EntitlementInput & Span => ({
  application: 'emasspost',
  customerAccountId: accountId,
  values: { products, billing_addresses: ['A1'], rights: ['create_deposit', 'deposit_statement'] },
  ...more,
});

/** What begins tomorrow, and so has no effect yet. */
export const fromTomorrow = (company: Organization) =>
  deposits(company, ['letter'], { validFrom: new Date(Date.now() + 86_400_000) });

/** What the editor sends that saves one deposit of letters on A1. */
export const oneDeposit = ({ accountId }: Organization) => ({
  edited: '1',
  account: accountId,
  products: 'letter',
  billing_addresses: 'A1',
  rights: 'create_deposit',
  act: 'save',
});

export type Page = { status: number; url: URL; html: string };
type Fields = readonly (readonly [name: string, value: string])[];
export type Visitor = {
  open: (path: string) => Promise<Page>;
  /** Posts with the proof of the forms; follows to the page after it. */
  send: (path: string, fields: Fields | Record<string, string | readonly string[]>) => Promise<Page>;
  /** The same with the fields of the page's own form, without its buttons, changed by these. */
  submit: (page: Page, change: Record<string, string | readonly string[]>) => Promise<Page>;
  post: (path: string, body: URLSearchParams) => Promise<Page>;
};

/** Somebody signed in, in English. */
export async function visitor({ origin }: Pick<RightsHub, 'origin'>, { id: userId, ctx }: Person): Promise<Visitor> {
  const session = randomBytes(16).toString('base64url');
  await query(
    `insert into oidc_artefacts (model, id_hash, payload, organization_id, user_id, uid, issued_at, expires_at)
     values ('Session', $1, $2, $3, $4, $5, now(), now() + interval '1 hour')`,
    [
      artefactHash(session),
      { loginTs: Math.floor(Date.now() / 1000), amr: ['pwd', 'otp', 'mfa'] },
      ctx.organizationId,
      userId,
      uuidv7(),
    ],
  );
  const headers = { accept: 'text/html', cookie: `session=${session}; language=en` };
  const follow = async (url: URL, init: RequestInit): Promise<Page> => {
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    const location = answer.headers.get('location');
    if (location !== null) return follow(new URL(location, url), {});
    return { status: answer.status, url, html: await answer.text() };
  };
  const open = (path: string) => follow(new URL(path, origin), {});
  const post = (path: string, body: URLSearchParams) => follow(new URL(path, origin), { method: 'POST', body });
  let proof: string | undefined;
  const send: Visitor['send'] = async (path, fields) => {
    proof ??= /name="csrf" value="([^"]*)"/.exec((await open('/portal')).html)?.[1] ?? '';
    const pairs: Fields = Array.isArray(fields) ? (fields as Fields) : pairsOf(fields as Record<string, string>);
    return post(
      path,
      new URLSearchParams([...pairs, ['csrf', proof]].map(([name, value]) => [name, value] as [string, string])),
    );
  };
  return {
    open,
    post,
    send,
    submit: (page, change) => {
      const { action, fields } = formOf(page);
      const kept = fields.filter(([name]) => !(name in change) && name !== 'csrf');
      return send(action, [...kept, ...pairsOf(change)]);
    },
  };
}

const pairsOf = (fields: Record<string, string | readonly string[]>): [string, string][] =>
  Object.entries(fields).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one): [string, string] => [name, one]),
  );

const decode = (text: string): string =>
  text.replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&amp;', '&');
const attribute = (tag: string, name: string): string | undefined => {
  const found = new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1];
  return found === undefined ? undefined : decode(found);
};

/** The page's own form, as a browser would send it. */
export function formOf({ html }: Page): { action: string; fields: [string, string][] } {
  const form = /<form method="post"[\s\S]*?<\/form>/.exec(mainOf(html))?.[0] ?? '';
  const inputs = [...form.matchAll(/<input[^>]*>/g)].map(([tag]) => tag);
  const fields = inputs.flatMap((tag): [string, string][] => {
    const [name, type] = [attribute(tag, 'name'), attribute(tag, 'type')];
    if (name === undefined || ((type === 'checkbox' || type === 'radio') && !/ checked/.test(tag))) return [];
    return [[name, attribute(tag, 'value') ?? '']];
  });
  return { action: attribute(form, 'action') ?? '', fields };
}

/** Without the notice that a session ends, which has a form of its own. */
const mainOf = (html: string): string =>
  (/<main[\s\S]*<\/main>/.exec(html)?.[0] ?? html).replace(/<section class="session-end[\s\S]*?<\/section>/, '');

/** What a person reads, in one line. */
export const textOf = ({ html }: Page): string =>
  decode(
    mainOf(html)
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' '),
  );

/** The lines of the error summary. */
export const errorsOf = ({ html }: Page): string[] => {
  const summary = /id="error-summary"[\s\S]*?<\/div>\s*<\/div>/.exec(html)?.[0] ?? '';
  return [...summary.matchAll(/<p>(.*?)<\/p>/g)].map(([, line]) => decode((line ?? '').replaceAll(/<[^>]+>/g, '')));
};

type RenderedItem = {
  state: 'free' | 'locked';
  ticked: boolean;
  /** A form field carries its tick. */
  sent: boolean;
  code: string | undefined;
  text: string;
  /** By what its state can be read: `checkbox` of the browser, or one that nothing can tick. */
  tag: 'input' | 'span';
};

/** The values of a list of the editor as they stand on the page. */
export function itemsOf({ html }: Page, dimension: string): Map<string, RenderedItem> {
  const list = new RegExp(`<fieldset id="list-${dimension}"[\\s\\S]*?</fieldset>`).exec(html)?.[0] ?? '';
  const items = [...list.matchAll(/<li data-item[\s\S]*?<\/li>/g)].map(([item]) => item);
  return new Map(
    items.map((item) => {
      const box = /<input type="checkbox"[^>]*>/.exec(item)?.[0];
      const locked = /<span role="checkbox"[^>]*aria-disabled="true"[^>]*>/.exec(item)?.[0];
      const ticked = box ? / checked/.test(box) : / aria-checked="true"/.test(locked ?? '');
      return [
        attribute(item, 'data-value') ?? '',
        {
          state: box ? 'free' : 'locked',
          ticked,
          sent: box ? true : /<input type="hidden"/.test(item),
          code: attribute(item, 'data-code'),
          text: textOf({ html: item, status: 0, url: new URL('http://localhost') }),
          tag: box ? 'input' : 'span',
        },
      ];
    }),
  );
}
