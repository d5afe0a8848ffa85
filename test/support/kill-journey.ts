// A hub is killed while a hundred users are being created, and started again on what it left. Every answer that a client
// got must hold, and nothing may be there by half: told over SCIM first, then by the tables themselves.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeDatabase, openDatabase } from '../../src/database/connect.ts';
import { query } from '../../src/database/query.ts';
import { silent } from './database.ts';
import { createHome, startDemo, type Home, type RunningDemo } from './hub-process.ts';
import { filterBy, newUser, scimClient, type ScimClient } from './scim-client.ts';

const AT_ONCE = 100;

/** How many answers have come when the process is killed: at the very first, and in the midst. */
const ROUNDS = [1, 40];

type Told = { userName: string; id: string };
type Count = { n: number };

const names = (round: number) => Array.from({ length: AT_ONCE }, (_, i) => `kill.${round}.${i}`);

function clientOf(hub: RunningDemo): ScimClient {
  const source = hub.demo.scim[0];
  if (!source) throw new Error('demo.json names no SCIM source');
  return scimClient(source);
}

const total = async (scim: ScimClient, search = ''): Promise<number> =>
  (await scim('GET', `/Users?count=1&attributes=userName${search}`)).body.totalResults ?? -1;

/** Sends all at once and kills the hub after so many answers; those who were answered 201. */
async function createAndKill(hub: RunningDemo, userNames: readonly string[], after: number): Promise<Told[]> {
  const scim = clientOf(hub);
  const told: Told[] = [];
  const sent = userNames.map(async (userName) => {
    const { status, body } = await scim('POST', '/Users', newUser(userName));
    if (status !== 201) throw new Error(`${userName} was answered ${status}`);
    told.push({ userName, id: String(body.id) });
    if (told.length === after) await hub.kill();
  });
  const answers = await Promise.allSettled(sent);
  // A broken connection is what a kill looks like; an answer that is no 201 is something else.
  for (const answer of answers)
    if (answer.status === 'rejected') expect(String(answer.reason)).toMatch(/fetch failed|terminated|JSON/);
  return told;
}

async function findIds(scim: ScimClient, userNames: readonly string[]): Promise<Map<string, string[]>> {
  const found = await Promise.all(
    userNames.map(async (userName) => {
      const { body } = await scim('GET', `/Users?${filterBy(`userName eq "${userName}"`)}&attributes=userName`);
      return [userName, (body.Resources ?? []).map(({ id }) => String(id))] as const;
    }),
  );
  return new Map(found);
}

const count = async (sql: string): Promise<number> => (await query<Count>(sql))[0]?.n ?? -1;

export function describeKill(engine: string, server?: string): void {
  describe(`a hub on ${engine} that is killed with a hundred creates in flight`, () => {
    let home: Home;
    let hub: RunningDemo;
    let before: number;
    const told: Told[] = [];
    let found = new Map<string, string[]>();

    beforeAll(async () => {
      home = await createHome(server);
      hub = await startDemo(home);
      before = await total(clientOf(hub));
      for (const [round, after] of ROUNDS.entries()) {
        told.push(...(await createAndKill(hub, names(round), after)));
        hub = await startDemo(home);
      }
      found = await findIds(
        clientOf(hub),
        ROUNDS.flatMap((_, round) => names(round)),
      );
    }, 300_000);
    afterAll(async () => {
      await hub.kill();
      await home.remove();
    });

    it('was killed in the midst of its work', () => {
      expect(told.length).toBeGreaterThanOrEqual(ROUNDS.length);
      expect(told.length).toBeLessThan(ROUNDS.length * AT_ONCE);
    });

    it('has every user that was answered 201 exactly once, under the id that was answered', () => {
      for (const { userName, id } of told) expect(found.get(userName)).toEqual([id]);
    });

    it('has no user twice', () => {
      expect([...found.values()].filter((ids) => ids.length > 1)).toEqual([]);
    });

    it('counts the users it has', async () => {
      const made = [...found.values()].flat().length;
      const scim = clientOf(hub);
      expect(await total(scim)).toBe(before + made);
      expect(await total(scim, `&${filterBy('userName sw "kill."')}`)).toBe(made);
    });

    it('creates the lost ones when the directory tries again', async () => {
      const scim = clientOf(hub);
      const statuses = await Promise.all(
        [...found].map(async ([userName, ids]) => [
          ids.length,
          (await scim('POST', '/Users', newUser(userName))).status,
        ]),
      );
      for (const [held, status] of statuses) expect(status).toBe(held === 1 ? 409 : 201);
    });

    it('holds each user whole: his names for signing in, his place in the count, his line in the audit', async () => {
      expect((await hub.stop()).code).toBe(0);
      await openDatabase({ databaseUrl: home.env['DATABASE_URL'] ?? null, dataDir: home.dataDir, poolSize: 2 }, silent);
      try {
        const ours = `from users u where u.user_name like 'kill.%' and u.deleted_at is null`;
        expect(await count(`select count(*)::int as n ${ours}`)).toBe(ROUNDS.length * AT_ONCE);
        // userName and e-mail address.
        expect(
          await count(
            `select count(*)::int as n ${ours} and 2 <> (select count(*) from sign_in_names s where s.user_id = u.id)`,
          ),
        ).toBe(0);
        const audited = `select count(*) from audit_events a where a.organization_id = u.organization_id and a.target_id = u.id::text and a.action = 'user.created'`;
        expect(await count(`select count(*)::int as n ${ours} and 1 <> (${audited})`)).toBe(0);
        const orphan = (table: string, id: string) =>
          `select count(*)::int as n from ${table} t where not exists (select 1 from users u where u.id::text = ${id})`;
        expect(await count(orphan('sign_in_names', 't.user_id::text'))).toBe(0);
        expect(await count(`${orphan('audit_events', 't.target_id')} and t.target_kind = 'user'`)).toBe(0);
        const counted = await query<{ counted: number; held: number }>(
          `select sum(c.delta)::int as counted, (select count(*)::int from users u where u.organization_id = c.organization_id
             and u.connection_id = c.connection_id and u.deleted_at is null) as held
           from resource_counts c where c.kind = 'user' group by c.organization_id, c.connection_id`,
        );
        expect(counted.length).toBeGreaterThan(0);
        for (const one of counted) expect(one.counted).toBe(one.held);
      } finally {
        await closeDatabase();
      }
    }, 60_000);
  });
}
