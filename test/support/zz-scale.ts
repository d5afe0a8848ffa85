import { pino } from 'pino';
import { openDatabase, closeDatabase } from '../../src/database/connect.ts';
import { migrate } from '../../src/database/migrate.ts';
import { query } from '../../src/database/query.ts';
import { transaction } from '../../src/database/transaction.ts';
import { listUsers, type UserListQuery } from '../../src/users/list-users.ts';
import { listEvents } from '../../src/audit/list-events.ts';
const log = pino({ level: 'silent' });
await openDatabase({ databaseUrl: 'postgres://postgres@127.0.0.1:54991/postgres', dataDir: '/tmp/pupg/x', poolSize: 4 } as never, log);
await migrate();
const N = Number(process.argv[2] ?? 300000);
const org = '01900000-0000-7000-8000-000000000001';
if ((await query('select 1 from organizations where id=$1', [org])).length === 0) await transaction(async () => {
  await query("set local statement_timeout = '10min'");
  await query(`insert into organizations (id,name) values ($1,'Big')`, [org]);
  await query(`insert into users (organization_id,id,user_name,user_name_key,display_name_key,email_key,work_email_key,document,folded,created_by,created_at,last_sign_in_at)
   select $1, ('01900000-0000-7000-8000-'||lpad(to_hex(i),12,'0'))::uuid, 'user.'||i, 'user.'||i, 'name '||(i%9973)||' last'||i, 'u'||i||'@big.example','u'||i||'@big.example',
   jsonb_build_object('userName','user.'||i,'displayName','Name '||(i%9973)||' Last'||i,'emails',jsonb_build_array(jsonb_build_object('value','u'||i||'@big.example'))),
   jsonb_build_object('userName','user.'||i,'name',jsonb_build_object('familyName','last'||i)), '{"kind":"system","id":"x","label":"x"}', now(), now()
   from generate_series(1,$2::int) i`, [org, N]);
  await query(`insert into audit_events select $1, ('01900000-'||lpad(to_hex(i/65536),4,'0')||'-7000-8000-'||lpad(to_hex(i),12,'0'))::uuid, now(), jsonb_build_object('kind',case when i%10=0 then 'user' else 'connection' end,'id','01900000-0000-7000-8000-'||lpad(to_hex(i%1000),12,'0'),'label','a'),'user.changed','user','01900000-0000-7000-8000-'||lpad(to_hex(i%5000),12,'0'),null,null,'r' from generate_series(1,$2::int) i`, [org, N]);
  await query('analyze');
});
const ctx = { organizationId: org, actor: { kind: 'operator', id: 'o', label: 'o' }, requestId: 'x', now: new Date(), log } as never;
const base: UserListQuery = { sort: 'username', descending: false, size: 25 };
const timed = async (name: string, work: () => Promise<unknown>) => { await work(); const t = performance.now(); const r: any = await work(); console.log(name.padEnd(32), (performance.now() - t).toFixed(1), 'ms', r.users?.length ?? r.events?.length, r.total ?? ''); return r; };
for (const [name, q] of Object.entries({ first: {}, byName: { sort: 'name' }, byEmailDesc: { sort: 'email', descending: true }, byCreator: { sort: 'created_by' }, searchOne: { search: 'last12345' }, searchOneByName: { search: 'last12345', sort: 'name' }, searchMany: { search: 'user.1' }, searchNone: { search: 'zzz' }, searchAll: { search: 'u' }, deactivated: { state: 'deactivated' }, invited: { state: 'invited' }, admins: { administrators: true } }) as [string, object][]) {
  const page = await timed(name, () => listUsers(ctx, { ...base, ...q } as UserListQuery));
  if (page.next && ['byName', 'first'].includes(name)) { let p = page; for (let i = 0; i < 40 && p.next; i++) p = await listUsers(ctx, { ...base, ...q, after: p.next } as UserListQuery); await timed(`${name} page 42`, () => listUsers(ctx, { ...base, ...q, after: p.next! } as UserListQuery)); }
}
await timed('events', () => listEvents(ctx, { size: 50 }));
await timed('events of user', () => listEvents(ctx, { size: 50, userId: '01900000-0000-7000-8000-000000000064' }));
await timed('events sign_in', () => listEvents(ctx, { size: 50, kind: 'sign_in' }));
await closeDatabase();
