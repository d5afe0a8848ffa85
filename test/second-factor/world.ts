// The OpenID Connect edge with people who have second factors, or must have them, and an authenticator app of our own
// (RFC 6238 written out again, so that it does not agree with the product by sharing its library).
import { createHmac, randomBytes } from 'node:crypto';
import type * as client from 'openid-client';
import { v7 as uuidv7 } from 'uuid';
import { loadCatalogue } from '../../src/applications/catalogue.ts';
import { setCatalogue } from '../../src/applications/current-catalogue.ts';
import { setTokenIssuer } from '../../src/entitlements/token-issuer.ts';
import type { OrganizationCtx } from '../../src/context.ts';
import { enrolTotp } from '../../src/credentials/totp.ts';
import { query } from '../../src/database/query.ts';
import { Browser, type Page } from '../oidc/browser.ts';
import {
  addUser,
  ask,
  exchange,
  SOME_RIGHTS,
  startHub,
  systemCtx,
  typeIn,
  type Beside,
  type NewTestUser,
  type TestUser,
} from '../oidc/hub.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

const base32 = (data: Uint8Array): string =>
  [...data]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .match(/.{1,5}/g)
    ?.map((bits) => ALPHABET[Number.parseInt(bits.padEnd(5, '0'), 2)])
    .join('') ?? '';

function fromBase32(seed: string): Buffer {
  const bits = [...seed].map((character) => ALPHABET.indexOf(character).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

export const stepAt = (ms: number): number => Math.floor(ms / 30_000);

/** RFC 4226 section 5.3. */
export function codeOf(seed: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', fromBase32(seed)).update(counter).digest();
  const offset = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export const codeNow = (seed: string): string => codeOf(seed, stepAt(Date.now()));
export const wrongCode = (seed: string): string => {
  const near = [-2, -1, 0, 1, 2].map((offset) => codeOf(seed, stepAt(Date.now()) + offset));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code)) ?? '';
};

export const newSeed = (): string => base32(randomBytes(20));

/** As though the steps whose codes were used lay behind. */
export const timePasses = (user: TestUser) =>
  query('update totp_factors set last_step = last_step - 10 where organization_id = $1 and user_id = $2', [
    user.organizationId,
    user.userId,
  ]);

export const ctxIn = (organizationId: string): OrganizationCtx => ({ ...systemCtx(), organizationId });
export const ctxOf = (user: TestUser): OrganizationCtx => ({
  ...ctxIn(user.organizationId),
  actor: { kind: 'user', id: user.userId, organizationId: user.organizationId, label: user.userName },
});

type AdministrationRight = 'chief_administrator' | 'manage_administrators' | 'manage_users';

export type World = Awaited<ReturnType<typeof startWorld>>;

export async function startWorld(beside?: Beside) {
  const hub = await startHub(beside);
  setCatalogue(await loadCatalogue(new URL('../../config/applications/', import.meta.url).pathname));
  setTokenIssuer(hub.issuer);
  const config = await hub.relyingParty(await hub.register());

  async function person(
    input: NewTestUser & { organizationId?: string; right?: AdministrationRight } = {},
  ): Promise<TestUser> {
    const user = await addUser(input.organizationId ?? hub.organizationId, input);
    hub.hold(user.userId, SOME_RIGHTS);
    if (input.right) await giveRight(user, input.right);
    return user;
  }

  async function giveRight(user: TestUser, right: AdministrationRight): Promise<void> {
    await query(
      `insert into administration_rights (organization_id, id, subject_kind, subject_id, name, given_by, given_at)
       values ($1, $2, 'user', $3, $4, '{}', now())`,
      [user.organizationId, uuidv7(), user.userId, right],
    );
  }

  /** A person with an authenticator app. */
  async function withApp(input: Parameters<typeof person>[0] = {}): Promise<TestUser & { seed: string }> {
    const user = await person(input);
    const seed = newSeed();
    await enrolTotp(systemCtx(), { organizationId: user.organizationId, userId: user.userId, seed });
    return { ...user, seed };
  }

  async function open(
    parameters: Record<string, string> = {},
    browser = hub.browser(),
    of: client.Configuration = config,
  ) {
    const request = await ask(of, parameters);
    return { browser, request, page: await browser.open(request.url) };
  }

  /** Up to the page that follows the password. */
  async function afterPassword(user: TestUser, parameters: Record<string, string> = {}, browser?: Browser) {
    const opened = await open(parameters, browser);
    return { ...opened, page: await typeIn(opened.browser, opened.page, user) };
  }

  /** Password and code, to the tokens. */
  async function signInWithApp(
    user: TestUser & { seed: string },
    browser = hub.browser(),
    fields: Record<string, string> = {},
  ) {
    const { page, request } = await afterPassword(user, {}, browser);
    await timePasses(user);
    const done = await browser.submit(page, { code: codeNow(user.seed), ...fields });
    return { browser, tokens: await exchange(config, done, request) };
  }

  const tokens = (page: Page, request: Awaited<ReturnType<typeof ask>>) => exchange(config, page, request);

  return { hub, config, person, withApp, giveRight, open, afterPassword, signInWithApp, tokens };
}

export const atApplication = (page: Page): boolean => page.url.origin === 'https://app.example';
/** The seed that an enrolment page shows as text. */
export const seedOn = (page: Page): string =>
  [...(/class="mono seed">([\s\S]*?)<\/p>/.exec(page.html)?.[1] ?? '').matchAll(/<span>([A-Z2-7]+)<\/span>/g)]
    .map(([, group]) => group)
    .join('');
export const codesOn = (page: Page): string[] =>
  [...page.html.matchAll(/<li><code>([^<]+)<\/code><\/li>/g)].map(([, code]) => code ?? '');
