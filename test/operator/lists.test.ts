// The lists that the operator looks after, and the figures of the overview.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { query } from '../../src/database/query.ts';
import { transaction } from '../../src/database/transaction.ts';
import { countActivity, flushActivity } from '../../src/figures/count-activity.ts';
import { foldActivity } from '../../src/figures/fold-activity.ts';
import { busiestDirectories, readActivity } from '../../src/figures/read-activity.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { plotOf, roundUp } from '../../src/operator/plot.ts';
import { systemCtx } from '../oidc/hub.ts';
import { post, submit, textOf } from '../portal/portal-hub.ts';
import { silent } from '../support/database.ts';
import { openOperator, staffCtx, type OperatorHub } from './operator-hub.ts';

let hub: OperatorHub;
let organizationId: string;
beforeAll(async () => {
  hub = await openOperator();
  organizationId = (await createOrganization(systemCtx(), { name: 'Noordzee Media' })).id;
});
afterAll(() => hub.stop());

describe('the figures', () => {
  const total = async (span: 'day' | 'quarter' = 'day') => {
    const series = await readActivity(staffCtx(hub.staff.auditor), span);
    return series.find(({ kind }) => kind === 'token_refused')?.total;
  };

  it('count what happened, also inside a transaction that fails, and stay the same when they are folded', async () => {
    const before = (await total()) ?? 0;
    for (let i = 0; i < 5; i++) countActivity('token_refused', silent);
    await flushActivity(silent);
    const failing = transaction(async () => {
      countActivity('token_refused', silent);
      await query('select 1');
      throw new Error('undone');
    });
    await expect(failing).rejects.toThrow('undone');
    await flushActivity(silent);
    expect(await total()).toBe(before + 6);
    await foldActivity();
    expect(await total()).toBe(before + 6);
    const rows = await query("select 1 from activity_counts where kind = 'token_refused'");
    expect(rows).toHaveLength(1);
  });

  it('stand in steps without a hole, of hours or of days', async () => {
    countActivity('token_refused', silent, undefined, { at: new Date(Date.now() - 40 * 24 * 3_600_000), times: 7 });
    await flushActivity(silent);
    const [hours, days] = [
      await readActivity(staffCtx(hub.staff.auditor), 'day'),
      await readActivity(staffCtx(hub.staff.auditor), 'quarter'),
    ];
    expect([hours[0]?.points.length, days[0]?.points.length]).toEqual([24, 90]);
    const steps = (days[0]?.points ?? []).map(({ at }) => at.getTime());
    expect(new Set(steps.slice(1).map((at, i) => at - (steps[i] ?? 0)))).toEqual(new Set([24 * 3_600_000]));
    expect(((await total('quarter')) ?? 0) - ((await total()) ?? 0)).toBe(7);
  });

  it('say which directories are busy', async () => {
    countActivity('provisioning', silent, organizationId, { times: 30 });
    countActivity('provisioning_failed', silent, organizationId, { times: 3 });
    await flushActivity(silent);
    expect(await busiestDirectories(staffCtx(hub.staff.auditor), 'day')).toEqual([
      { id: organizationId, name: 'Noordzee Media', requests: 33, failed: 3 },
    ]);
  });

  it('fit into the picture, whatever they are', () => {
    const series = (counts: number[]) => ({
      kind: 'token' as const,
      total: 0,
      points: counts.map((count, i) => ({ at: new Date(i), count })),
    });
    for (const counts of [
      [0, 0],
      [1, 2],
      [3, 999],
      [1_000_000, 1],
    ]) {
      const { bars, top } = plotOf('x', series(counts), series(counts));
      expect(top).toBeGreaterThanOrEqual(Math.max(...counts) * 2);
      for (const { y, height } of bars) expect([y >= -1e-9, y + height <= 100 + 1e-9]).toEqual([true, true]);
    }
    expect([0, 1, 3, 7, 11, 200, 201].map(roundUp)).toEqual([1, 1, 5, 10, 20, 200, 500]);
  });
});

describe('mail delivery', () => {
  it('shows what failed and why, and never what it said', async () => {
    await query(
      `insert into mails (organization_id, id, kind, language, recipient, subject, body, secrets_key_id, message_id, state, last_error, created_at)
       values ($1, $2, 'invitation', 'nl', 'an@gone.example', 'A secret subject', null, 'x', 'x', 'bounced', 'EENVELOPE 550 no such user', now())`,
      [organizationId, uuidv7()],
    );
    const page = await (await hub.as('support')).open('/operator/mails?state=failed');
    expect(textOf(page)).toContain('an@gone.example');
    expect(textOf(page)).toContain('550 no such user');
    expect(page.html).not.toContain('A secret subject');
    expect(textOf(await (await hub.as('support')).open('/operator'))).toContain('could not be delivered');
  });
});

describe('jobs', () => {
  it('that failed for good show their error and are tried again', async () => {
    const [row] = await query<{ id: string }>(
      `insert into jobs.job (name, state, data, output, policy) values ('fold-activity', 'failed', '{}', '{"message": "it broke"}', 'standard') returning id`,
    );
    const browser = await hub.as('support');
    const page = await browser.open('/operator/jobs?queue=fold-activity');
    expect(textOf(page)).toContain('it broke');
    await post(browser, page, `/operator/jobs/${row?.id ?? ''}/retry`, { queue: 'fold-activity' });
    const [after] = await query<{ state: string }>('select state::text from jobs.job where id = $1', [row?.id]);
    expect(after?.state).not.toBe('failed');
    const gone = await post(browser, page, `/operator/jobs/${uuidv7()}/retry`, { queue: 'fold-activity' });
    expect(gone.status).toBe(404);
  });
});

describe('clients', () => {
  it('are made with a secret that is shown once, and end', async () => {
    const browser = await hub.as('catalogue');
    const fields = {
      name: 'Deposit desk',
      kind: 'web',
      application: 'emasspost',
      redirect_uris: 'https://desk.example/back',
    };
    const made = await post(browser, await browser.open('/operator/clients'), '/operator/clients', fields);
    const [clientId = '', secret = ''] = [...made.html.matchAll(/<code class="copyable"[^>]*>([^<]+)</g)].map(
      ([, code]) => code ?? '',
    );
    expect(secret.length).toBeGreaterThan(40);
    const again = await browser.open('/operator/clients');
    expect([again.html.includes(clientId), again.html.includes(secret)]).toEqual([true, false]);
    await submit(browser, await browser.open(`/operator/clients/${clientId}/end`));
    expect((await browser.open('/operator/clients')).html).not.toContain(clientId);
  });

  it('are refused with the reason where an address cannot be used', async () => {
    const browser = await hub.as('catalogue');
    const fields = { name: 'Desk', kind: 'web', application: 'emasspost', redirect_uris: 'http://desk.example/back' };
    const refused = await post(browser, await browser.open('/operator/clients'), '/operator/clients', fields);
    expect([refused.status, textOf(refused)]).toEqual([422, expect.stringContaining('The client was not created.')]);
  });

  it('that the hub needs itself do not end', async () => {
    const browser = await hub.as('owner');
    const page = await browser.open('/operator/clients');
    expect((await post(browser, page, '/operator/clients/portal/end')).status).toBe(403);
  });
});

describe('keys', () => {
  it('are listed with their state, and say from when the next may sign', async () => {
    const browser = await hub.as('security');
    const page = await browser.open('/operator/keys');
    expect(textOf(page)).toContain('ES256 Signs');
    const rotated = await submit(browser, page);
    expect(textOf(rotated)).toContain('may sign from');
  });
});
