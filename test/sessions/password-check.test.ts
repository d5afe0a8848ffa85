// Without script a new password is looked at by a button of the form: the page comes back with what it is worth, nothing is
// saved, and the password is in no answer.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { giveTemporaryPassword } from '../../src/credentials/change-password.ts';
import { createLink } from '../../src/credentials/one-time-link.ts';
import { query } from '../../src/database/query.ts';
import type { Browser, Page } from '../oidc/browser.ts';
import { PASSWORD, systemCtx, typeIn, type TestUser } from '../oidc/hub.ts';
import { submit, textOf } from '../portal/portal-hub.ts';
import { startSessionHub, type SessionHub } from './session-hub.ts';

let hub: SessionHub;
beforeAll(async () => {
  hub = await startSessionHub();
});
afterAll(() => hub.hub.stop());

const WEAK = 'aaaaaaaaaaaaaaaaaaaa';
const STRONG = 'seven gulls above grey water';
type Entry = { browser: Browser; page: Page; current?: string };

/** Every page on which a password is set. */
const PAGES: { name: string; enter: (user: TestUser) => Promise<Entry> }[] = [
  {
    name: 'a change in the portal',
    enter: async (user) => {
      const { browser } = await hub.visit(user);
      return { browser, page: await browser.open('/portal/password'), current: PASSWORD };
    },
  },
  {
    name: 'an own one in place of a temporary one',
    enter: async (user) => {
      const operator = { kind: 'operator' as const, id: 'operator', label: 'Operator' };
      const ctx = { ...systemCtx(), organizationId: user.organizationId, actor: operator };
      const { password } = await giveTemporaryPassword(ctx, user);
      const browser = hub.newBrowser();
      return { browser, page: await typeIn(browser, await browser.open('/portal/security'), user, password) };
    },
  },
  {
    name: 'a new one by a mailed link',
    enter: async (user) => {
      const { token } = await createLink(systemCtx(), { ...user, purpose: 'recovery' });
      const browser = hub.newBrowser();
      return { browser, page: await browser.open(`/new-password/${token}`) };
    },
  },
];
const hashOf = async ({ userId }: TestUser) =>
  (await query<{ hash: string }>('select hash from passwords where user_id = $1', [userId]))[0]?.hash;

describe('the button that checks a password', () => {
  it.each(PAGES)('for $name says strength and rules, saves nothing and sends no password back', async ({ enter }) => {
    const user = await hub.person();
    const { browser, page, current } = await enter(user);
    expect(page.html).toContain('name="check" value="page"');
    const before = await hashOf(user);
    const check = (typed: string, more: Record<string, string> = {}) =>
      submit(browser, page, {
        ...(current === undefined ? {} : { current_password: current }),
        new_password: typed,
        confirm_password: '',
        check: 'page',
        ...more,
      });
    const weak = await check(WEAK);
    expect(weak.status).toBe(200);
    expect(textOf(weak)).toContain('Checked, not saved.');
    expect(textOf(weak)).toMatch(/Strength: very weak/);
    expect(weak.html).toMatch(/data-rule="minimum_length" class="met"/);
    expect(weak.html).toMatch(/data-rule="not_common" class="unmet"/);
    const strong = await check(STRONG);
    expect(textOf(strong)).toMatch(/Strength: (strong|very strong)/);
    for (const { html } of [weak, strong])
      for (const secret of [WEAK, STRONG, PASSWORD]) expect(html).not.toContain(secret);
    expect(await hashOf(user)).toBe(before);
    expect(textOf(await check(''))).toContain('Enter a password.');
    // Refused when it is saved, the page says the same.
    const refused = await submit(browser, page, {
      ...(current === undefined ? {} : { current_password: current }),
      new_password: WEAK,
      confirm_password: WEAK,
    });
    expect(refused.status).toBe(422);
    expect(textOf(refused)).toMatch(/Strength: very weak/);
    expect(refused.html).not.toContain(WEAK);
  });
});
