// A hub is killed in the midst of an import, again and again, and started on what it left: in the end everybody is there
// exactly once, with one invitation.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { closeDatabase, openDatabase } from '../../src/database/connect.ts';
import { query } from '../../src/database/query.ts';
import { silent } from '../support/database.ts';
import { createHome, startMain, until, type Home, type RunningHub } from '../support/hub-process.ts';

const ROWS = 1000;
const KILLS = 3;

type Answer = { id: string; state: string; created: number; refused: number };

const csv = [
  'userName,givenName,familyName,email',
  ...Array.from({ length: ROWS }, (_, i) => `kill.${i},Anna,Peeters,kill.${i}@company.example`),
].join('\n');

describe('an import whose hub is killed', () => {
  let home: Home;
  let hub: RunningHub;
  let token: string;
  let kills = 0;
  let last: Answer;

  async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${hub.origin}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Answer;
  }

  beforeAll(async () => {
    home = await createHome(process.env['TEST_DATABASE_URL']);
    hub = await startMain(home);
    // A hub is ready before it has said what a first start has to say.
    token = await until('the token is there', () =>
      readFile(join(home.dataDir, 'operator-token'), 'utf8').then(
        (text) => text.trim() || undefined,
        () => undefined,
      ),
    );
    const organization = await ask('POST', '/organizations', { name: 'Lindenhof' });
    const path = `/organizations/${organization.id}/imports`;
    const { id } = await ask('POST', path, { content: csv, invite: true });
    await ask('POST', `${path}/${id}/confirm`);
    last = await ask('GET', `${path}/${id}`);
    for (let before = 0; kills < KILLS && last.state === 'running';) {
      // At another moment of the work each time: a batch is on its way at most of them.
      last = await until('it goes on', async () => {
        const now = await ask('GET', `${path}/${id}`);
        return now.created > before || now.state !== 'running' ? now : undefined;
      });
      if (last.state !== 'running') break;
      before = last.created;
      await hub.kill();
      kills += 1;
      hub = await startMain(home);
    }
    last = await until('it has ended', async () => {
      const now = await ask('GET', `${path}/${id}`);
      return now.state === 'running' ? undefined : now;
    });
    await hub.stop();
    await openDatabase({ databaseUrl: home.env['DATABASE_URL'] ?? null, dataDir: home.dataDir, poolSize: 2 }, silent);
  }, 300_000);
  afterAll(async () => {
    await closeDatabase();
    await home.remove();
  });

  const count = async (sql: string): Promise<number> =>
    (await query<{ n: number }>(`select count(*)::int as n ${sql}`))[0]?.n ?? -1;

  it('was killed in the midst of its work', () => {
    expect(kills).toBeGreaterThanOrEqual(2);
  });

  it('ends with each of its users, once', async () => {
    expect(last).toMatchObject({ state: 'finished', created: ROWS, refused: 0 });
    expect(await count(`from users where user_name like 'kill.%'`)).toBe(ROWS);
    expect(await count(`from import_rows where state = 'created' and user_id is not null`)).toBe(ROWS);
  });

  it('has invited each of them once, and written each once into the history', async () => {
    expect(await count(`from mails where kind = 'invitation'`)).toBe(ROWS);
    expect(await count(`from (select distinct user_id from mails where kind = 'invitation') m`)).toBe(ROWS);
    expect(await count(`from audit_events where action = 'user.created' and after ->> 'userName' like 'kill.%'`)).toBe(
      ROWS,
    );
  });
});
