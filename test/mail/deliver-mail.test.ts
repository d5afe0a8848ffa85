import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { transaction } from '../../src/database/transaction.ts';
import { deliverMail } from '../../src/mail/deliver-mail.ts';
import { listDeliveries, retryMail } from '../../src/mail/delivery.ts';
import { listMails } from '../../src/mail/list-mails.ts';
import { mailJobs } from '../../src/mail/mail-jobs.ts';
import { queueMail } from '../../src/mail/queue-mail.ts';
import { sweepMails } from '../../src/mail/sweep-mails.ts';
import { addOrganization, systemCtx } from '../oidc/hub.ts';
import { closeTestDatabase, silent } from '../support/database.ts';
import { openMailHub, refusalOf, restartMail, storedMail } from './mail-hub.ts';
import { startMailServer } from './mail-server.ts';

let server: Awaited<ReturnType<typeof startMailServer>>;
let organizationId: string;
const settings = (extra: Record<string, string> = {}) => ({
  MAIL_SMTP_URL: server.url,
  MAIL_REQUIRE_TLS: 'no',
  ...extra,
});

beforeAll(async () => {
  server = await startMailServer();
  await openMailHub(mailJobs(silent), settings());
  organizationId = await addOrganization('Noordzee Media');
});
afterAll(async () => {
  await closeTestDatabase();
  await server.stop();
});

type Extra = { to?: string; usefulUntil?: Date; name?: string };
const queue = ({ to = 'anke@noordzee.example', name = 'Anke Smets', ...extra }: Extra = {}) =>
  queueMail(systemCtx(), {
    kind: 'password_changed',
    to,
    language: 'fr',
    organizationId,
    values: { name, username: 'anke.smets', organization: 'Noordzee Media', at: new Date() },
    ...extra,
  });

/** The job as it would come now. The queue's own may have come before it, so the mail is put back first. */
const deliverNow = (id: string) => deliverMail(silent).run({ organizationId, id });
/** A mail whose job is not in the queue: the test runs it. */
async function queueByHand(extra: Extra = {}): Promise<string> {
  await restartMail();
  const id = await queue(extra);
  await restartMail(settings());
  await query("update mails set state = 'queued' where id = $1", [id]);
  return id;
}

describe('a queued mail', () => {
  it('arrives by the job of the transaction that caused it, with the headers of an automatic message', async () => {
    const id = await transaction(() => queue());
    const mail = await server.next();
    expect(mail.to).toEqual(['anke@noordzee.example']);
    expect(mail.from).toBe('no-reply@localhost');
    const header = (name: string) => mail.headers.get(name);
    expect(header('message-id')).toBe((await storedMail(id)).message_id);
    expect(header('auto-submitted')).toBe('auto-generated');
    expect(header('from')).toBe('Postal Portal <no-reply@localhost>');
    expect(header('to')).toBe('anke@noordzee.example');
    expect(header('content-language')).toBe('fr');
    expect([...mail.headers.keys()].filter((name) => name.startsWith('list-'))).toEqual([]);
    expect(header('content-type')).toContain('multipart/alternative');
    expect(mail.text).toContain('Bonjour Anke Smets,');
    expect(mail.html).toContain('<html lang="fr">');
  });

  it('does not exist if the transaction fails', async () => {
    const before = await query('select id from mails');
    await expect(
      transaction(async () => {
        await queue();
        throw new Error('undo');
      }),
    ).rejects.toThrow('undo');
    expect(await query('select id from mails')).toHaveLength(before.length);
  });

  it('is noted as sent once, and its body is gone then', async () => {
    const id = await queueByHand();
    expect((await storedMail(id)).body).not.toBeNull();
    await deliverNow(id);
    await deliverNow(id);
    expect(await storedMail(id)).toMatchObject({ state: 'sent', attempts: 1, body: null });
    await server.next();
    expect(server.received).toEqual([]);
  });

  it('is tried again after a temporary refusal, under the same Message-ID', async () => {
    server.refusals.set('full@noordzee.example', 452);
    const id = await queueByHand({ to: 'full@noordzee.example' });
    await expect(deliverNow(id)).rejects.toThrow(/452/);
    const once = await storedMail(id);
    expect(once).toMatchObject({ state: 'queued', attempts: 1 });
    server.refusals.clear();
    await deliverNow(id);
    expect((await server.next()).headers.get('message-id')).toBe(once.message_id);
    expect(await storedMail(id)).toMatchObject({ state: 'sent', attempts: 2, last_error: null });
  });

  it('is noted as bounced, at once, when the mailbox does not exist', async () => {
    server.refusals.set('gone@noordzee.example', 550);
    const id = await queueByHand({ to: 'gone@noordzee.example' });
    await deliverNow(id);
    expect(await storedMail(id)).toMatchObject({ state: 'bounced', body: null });
    expect((await storedMail(id)).last_error).toContain('550');
  });

  it('is given up after sixteen attempts', async () => {
    server.refusals.set('never@noordzee.example', 452);
    const id = await queueByHand({ to: 'never@noordzee.example' });
    await query('update mails set attempts = 15 where id = $1', [id]);
    await deliverNow(id);
    expect(await storedMail(id)).toMatchObject({ state: 'failed', attempts: 16, body: null });
  });

  it('that the operator tries again is one mail still: it comes at once, or is being sent already', async () => {
    const staff = { ...systemCtx(), actor: { kind: 'operator' as const, id: 'support', label: 'Support' } };
    const again = (id: string) => retryMail(staff, organizationId, id);
    const jobsOf = (id: string) =>
      query<{ state: string; due: boolean }>(
        `select state::text, start_after <= now() as due from jobs.job where name = 'deliver-mail' and data ->> 'id' = $1`,
        [id],
      );
    const release = server.hold();
    const id = await queue();
    await server.next();
    await again(id);
    expect(await jobsOf(id)).toHaveLength(1);
    release();
    const waiting = await transaction(async () => {
      const queued = await queue({ to: 'later@noordzee.example' });
      await query("update jobs.job set start_after = now() + interval '1 hour' where data ->> 'id' = $1", [queued]);
      return queued;
    });
    await again(waiting);
    expect(await jobsOf(waiting)).toHaveLength(1);
    expect((await server.next()).to).toEqual(['later@noordzee.example']);
    const lost = await queueByHand({ to: 'lost@noordzee.example' });
    await again(lost);
    expect((await server.next()).to).toEqual(['lost@noordzee.example']);
  });

  it('waits while the mail server is away', async () => {
    const id = await queueByHand();
    await restartMail(settings({ MAIL_SMTP_URL: 'smtp://127.0.0.1:1' }));
    await expect(deliverNow(id)).rejects.toThrow(/ECONNREFUSED|ESOCKET|ECONNECTION/);
    await restartMail(settings());
    expect(await storedMail(id)).toMatchObject({ state: 'queued', attempts: 1 });
  });

  it('goes to no server that does not encrypt, unless the operator says so', async () => {
    const id = await queueByHand();
    await restartMail({ MAIL_SMTP_URL: server.url });
    await expect(deliverNow(id)).rejects.toThrow(/TLS/);
    await restartMail(settings());
    expect(server.received).toEqual([]);
  });

  it('is not sent any more when its link has expired', async () => {
    const id = await queueByHand({ usefulUntil: new Date(Date.now() - 1000) });
    await deliverNow(id);
    expect(await storedMail(id)).toMatchObject({ state: 'failed', body: null });
    expect(server.received).toEqual([]);
  });

  it('cannot be given a second header or recipient', async () => {
    const refused = await refusalOf(() => queue({ to: 'anke@noordzee.example\r\nBcc: all@noordzee.example' }));
    expect(refused.code).toBe('invalid_input');
    const id = await queueByHand({ name: 'Anke\r\nBcc: all@noordzee.example' });
    await deliverNow(id);
    const mail = await server.next();
    expect(mail.to).toEqual(['anke@noordzee.example']);
    expect(mail.headers.has('bcc')).toBe(false);
  });
});

describe('without a mail server', () => {
  it('mails are kept and can be read, newest first, while the database holds them sealed', async () => {
    await restartMail();
    const first = await queue();
    const second = await queue({ name: 'Bert Claes' });
    await restartMail(settings());
    const [newest, older] = await listMails(2);
    expect([newest?.id, older?.id]).toEqual([second, first]);
    expect(newest?.text).toContain('Bonjour Bert Claes,');
    expect(newest).toMatchObject({ to: 'anke@noordzee.example', language: 'fr' });
    const stored = await storedMail(second);
    expect(stored.state).toBe('kept');
    expect(stored.body?.toString('latin1')).not.toContain('Bert');
  });
});

describe('the list of deliveries', () => {
  it('leaves none out where many were made at one moment', async () => {
    const staff = { ...systemCtx(), actor: { kind: 'operator' as const, id: 'support', label: 'Support' } };
    await restartMail();
    const ctx = systemCtx();
    const made = [];
    for (let n = 0; n < 5; n++)
      made.push(
        await queueMail(ctx, {
          kind: 'password_changed',
          to: `same.moment.${n}@noordzee.example`,
          language: 'fr',
          organizationId,
          values: { name: 'Anke', username: 'anke', organization: 'Noordzee Media', at: ctx.now },
        }),
      );
    await restartMail(settings());
    const listed: string[] = [];
    for (let before: string | undefined; listed.length < 5;) {
      const page = await listDeliveries(staff, { state: 'kept', limit: 2, ...(before !== undefined && { before }) });
      listed.push(...page.deliveries.map(({ id }) => id));
      before = page.next ?? undefined;
    }
    expect(listed.slice(0, 5)).toEqual(made.toReversed());
  });
});

describe('the sweep', () => {
  it('erases who got a mail and what it said after thirty days, but not that it was sent', async () => {
    await restartMail();
    const [old, young] = [await queue(), await queue()];
    await restartMail(settings());
    await query("update mails set created_at = created_at - interval '31 days' where id = $1", [old]);
    await sweepMails.run({});
    const [row] = await query('select recipient, subject, body, state from mails where id = $1', [old]);
    expect(row).toEqual({ recipient: null, subject: null, body: null, state: 'kept' });
    expect((await storedMail(young)).body).not.toBeNull();
  });
});
