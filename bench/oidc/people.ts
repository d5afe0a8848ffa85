// More people like one of the demonstration's: the same password and rights, names of their own. Attempts on one name are
// slowed down, whoever makes them, so that a crowd must be many.
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { closeDatabase, openDatabase } from '../../src/database/connect.ts';
import { query, queryOne } from '../../src/database/query.ts';
import type { DemoFile } from '../../src/demo/demo-file.ts';
import { createUser } from '../../src/users/create-user.ts';
import type { Home } from '../hub-process.ts';
import { find } from './person.ts';

export type Person = DemoFile['users'][number];

/** What somebody holds, copied to another. */
const COPIES = [
  `insert into passwords (organization_id, user_id, hash, temporary, expires_at, changed_at)
   select organization_id, $3, hash, temporary, expires_at, changed_at from passwords where organization_id = $1 and user_id = $2`,
  `insert into group_users (organization_id, group_id, user_id)
   select organization_id, group_id, $3 from group_users where organization_id = $1 and user_id = $2`,
  `insert into assignments (organization_id, id, subject_kind, subject_id, role_id, application, customer_account_id, profile,
     "values", valid_from, valid_until, given_by, given_at)
   select organization_id, gen_random_uuid(), subject_kind, $3, role_id, application, customer_account_id, profile,
     "values", valid_from, valid_until, given_by, given_at
   from assignments where organization_id = $1 and subject_id = $2 and ended_at is null`,
];

export async function crowd({ env }: Home, demo: DemoFile, count: number): Promise<Person[]> {
  const model = find(demo.users, 'user', (one) => one.kind === 'user');
  const log = pino({ level: 'warn' });
  await openDatabase({ databaseUrl: env['DATABASE_URL'] ?? '', dataDir: '', poolSize: 4 }, log);
  try {
    const known = await queryOne<{ organizationId: string; userId: string }>(
      `select organization_id as "organizationId", id as "userId" from users
       where document ->> 'userName' = $1 and deleted_at is null`,
      [model.userName],
    );
    if (!known) throw new Error(`The demonstration's database has no ${model.userName}`);
    const { organizationId, userId } = known;
    const people: Person[] = [];
    for (let n = 0; n < count; n++) {
      const userName = `crowd.${randomUUID()}`;
      const ctx = {
        organizationId,
        actor: { kind: 'system', id: 'bench', label: 'bench' },
        requestId: 'bench',
      } as const;
      const document = { userName, displayName: userName, preferredLanguage: 'nl' };
      const made = await createUser({ ...ctx, now: new Date(), log }, { document });
      for (const copy of COPIES) await query(copy, [organizationId, userId, made.id]);
      people.push({ ...model, userName });
    }
    return people;
  } finally {
    await closeDatabase();
  }
}
