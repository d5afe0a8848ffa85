// Slows guessing down without locking anybody out: per name typed (five failures are free, then one second that doubles
// to a quarter of an hour; after a hundred in a row no more passwords are tried), apart for a device that signed that person
// in before, and per address. An attempt is counted before its password is looked at, so that many at once gain nothing, and
// given back if it was right. Names that nobody has run through the same buckets. All in the database: many processes
// count together. Whose password is tried in which bucket is verify-sign-in.ts.
import { randomBytes, type KeyObject } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { deleteInPortions } from '../database/delete-in-portions.ts';
import { query, queryOne } from '../database/query.ts';
import { fold } from '../provisioning/fold.ts';
import { secrets } from './secrets.ts';
import { throttleTag } from './throttle-tag.ts';

const FREE_FAILURES = 5;
/** While somebody tries one password on many names. */
const FREE_FAILURES_IN_A_SPRAY = 1;
const LONGEST_WAIT_S = 15 * 60;
/** After so many in a row a browser must first prove itself by a mailed link. */
export const MOST_IN_A_ROW = 100;
const PER_MINUTE = 30;
const PER_MINUTE_IN_A_SPRAY = 10;
const PER_MINUTE_KNOWN_DEVICE = 300;
const MAX_TAGS = 8;

/** A browser that has signed in before: a random id and, hashed, whom it signed in. */
export type Device = { readonly id: string; readonly names: readonly string[] };

type Buckets = { readonly name: Buffer; readonly address: Buffer; readonly perMinute: number };

const tag = (...parts: string[]) => throttleTag(parts);
const shortTag = (bytes: Buffer) => bytes.toString('base64url').slice(0, 16);
const nameTag = (name: string) => shortTag(tag('known', fold(name)));

/** The first 64 bits of an IPv6 address: one customer has them all. */
export function addressPrefix(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address.replace('::ffff:', '');
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const missing = address.includes('::') ? 8 - groups.length - tail.split(':').filter(Boolean).length : 0;
  return [...groups, ...Array<string>(missing).fill('0'), ...tail.split(':').filter(Boolean)].slice(0, 4).join(':');
}

/** A browser with a device cookie counts apart from its neighbors behind the same address. */
const addressBucket = (address: string, device: Device | undefined): Buffer =>
  tag(device ? 'address of a device' : 'address', addressPrefix(address));

/** Of a code that a known person types; what is typed into the field for a name is `nameBucket` and `deviceBucket`. */
export function signInBuckets(input: { name: string; address: string; device?: Device | undefined }): Buckets {
  const { device } = input;
  const known = device?.names.includes(nameTag(input.name)) === true;
  return {
    name: known ? tag('device', device.id, fold(input.name)) : nameBucket(input.name),
    address: addressBucket(input.address, device),
    perMinute: device ? PER_MINUTE_KNOWN_DEVICE : PER_MINUTE,
  };
}

const nameBucket = (name: string): Buffer => tag('name', fold(name));

/** Where a password is tried: in the open, or by a device that has signed in whom the name may mean. */
export const passwordBuckets = (
  { name, address, device }: { name: string; address: string; device?: Device | undefined },
  spraying: boolean,
) => ({
  name: nameBucket(name),
  device: tag('device', device?.id ?? '', 'password', fold(name)),
  address: addressBucket(address, device),
  perMinute: device ? PER_MINUTE_KNOWN_DEVICE : spraying ? PER_MINUTE_IN_A_SPRAY : PER_MINUTE,
});

/** The bucket of the visitor's address, for the statement that looks the name up. */
export const addressBucketOf = addressBucket;

type PersonKey = { readonly organizationId: string; readonly userId: string };
const personTag = (key: KeyObject, { organizationId, userId }: PersonKey) =>
  shortTag(throttleTag(['person', organizationId, userId], key));

/** The device signed this person in before. Not merely somebody of the same name in another organization. */
export function knowsPerson(device: Device | undefined, person: PersonKey): boolean {
  if (!device) return false;
  const { former } = secrets();
  return [secrets(), ...(former ? [former] : [])].some((of) =>
    device.names.includes(personTag(of.derive('throttle'), person)),
  );
}

const remember = (device: Device | undefined, tags: readonly string[]): Device => ({
  id: device?.id ?? randomBytes(12).toString('base64url'),
  names: [...tags, ...(device?.names ?? []).filter((known) => !tags.includes(known))].slice(0, MAX_TAGS),
});

/** The device as it is remembered after a code was right. */
export const rememberDevice = (device: Device | undefined, name: string): Device => remember(device, [nameTag(name)]);

/** The same after a password was right, or a mailed link was used. */
export const rememberPersons = (device: Device | undefined, persons: readonly PersonKey[]): Device =>
  remember(
    device,
    persons.map((person) => personTag(secrets().derive('throttle'), person)),
  );

/** The wait in seconds after failure number `failures`, of which `free` cost none. */
const waitAfter = (failures: string, free: string) =>
  `make_interval(secs => least(${LONGEST_WAIT_S}, power(2, least(${failures}, 40) - ${free} - 1)))`;

const FAILED = `
  insert into sign_in_throttles as t (bucket, kind, failures, since, last_at, blocked_until)
  values ($1, 'name', 1, $3, $3, null), ($2, 'address', 1, $3, $3, null)
  on conflict (bucket) do update set (failures, since, last_at, blocked_until) = (
    select n.failures, n.since, $3::timestamptz,
      case when t.kind = 'name' and n.failures > ${FREE_FAILURES} then $3::timestamptz + ${waitAfter('n.failures', String(FREE_FAILURES))}
           when t.kind = 'address' and n.failures >= $4 then n.since + interval '1 minute' end
    from (select case when fresh then 1 else t.failures + 1 end as failures, case when fresh then $3::timestamptz else t.since end as since
      from (select case t.kind when 'name' then t.last_at < $3::timestamptz - interval '1 day'
                               else t.since < $3::timestamptz - interval '1 minute' end as fresh) f) n
  )`;

export async function countFailure(buckets: Buckets, now: Date): Promise<void> {
  await query(FAILED, [buckets.name, buckets.address, now, buckets.perMinute]);
}

/** Counts a failure against the address alone: the attempt has been counted against its name already. */
export async function countAddressFailure(buckets: Pick<Buckets, 'address' | 'perMinute'>, now: Date): Promise<void> {
  await query(
    `insert into sign_in_throttles as t (bucket, kind, failures, since, last_at) values ($1, 'address', 1, $2, $2)
     on conflict (bucket) do update set last_at = $2,
       failures = case when t.since < $2::timestamptz - interval '1 minute' then 1 else t.failures + 1 end,
       since = case when t.since < $2::timestamptz - interval '1 minute' then $2 else t.since end,
       blocked_until = case when t.since >= $2::timestamptz - interval '1 minute' and t.failures + 1 >= $3 then t.since + interval '1 minute' end`,
    [buckets.address, now, buckets.perMinute],
  );
}

export type Reservation =
  | { readonly open: true; readonly failures: number; readonly inARow: number }
  /** `exhausted`: a hundred in a row; waiting does not help. */
  | { readonly open: false; readonly exhausted: boolean; readonly until: Date };

const RESERVE = `
  insert into sign_in_throttles as t (bucket, kind, failures, in_a_row, since, last_at) values ($1, 'name', 1, 1, $2, $2)
  on conflict (bucket) do update set last_at = $2, in_a_row = t.in_a_row + 1,
    failures = case when t.last_at < $2::timestamptz - interval '1 day' then 1 else t.failures + 1 end,
    blocked_until = case when t.last_at >= $2::timestamptz - interval '1 day' and t.failures + 1 > $3::int
      then $2::timestamptz + ${waitAfter('t.failures + 1', '$3::int')} end
  where (t.blocked_until is null or t.blocked_until <= $2) and t.in_a_row < $4
  returning failures, in_a_row as "inARow"`;

/**
 * Takes one attempt out of the bucket before it is made, as though it had failed already. `bounded`: a hundred in a row at
 * most; a device that signed the person in before has no such end.
 */
export async function reserveAttempt(
  bucket: Buffer,
  now: Date,
  { spraying, bounded }: { spraying: boolean; bounded: boolean },
): Promise<Reservation> {
  const free = spraying && bounded ? FREE_FAILURES_IN_A_SPRAY : FREE_FAILURES;
  const most = bounded ? MOST_IN_A_ROW : 1_000_000_000;
  const taken = await queryOne<{ failures: number; inARow: number }>(RESERVE, [bucket, now, free, most]);
  if (taken) return { open: true, ...taken };
  const row = await queryOne<{ until: Date | null; inARow: number }>(
    'select blocked_until as until, in_a_row as "inARow" from sign_in_throttles where bucket = $1',
    [bucket],
  );
  return { open: false, exhausted: (row?.inARow ?? 0) >= most, until: row?.until ?? now };
}

/** The attempt was not made after all, or was right without clearing the name of what others tried. */
export async function giveBackAttempt(bucket: Buffer): Promise<void> {
  await query(
    `update sign_in_throttles set failures = greatest(failures - 1, 0), in_a_row = greatest(in_a_row - 1, 0), blocked_until = null
     where bucket = $1`,
    [bucket],
  );
}

/** A success wipes what was counted against the name from this kind of device. */
export async function forgetFailures(buckets: Pick<Buckets, 'name'>): Promise<void> {
  await query('delete from sign_in_throttles where bucket = $1', [buckets.name]);
}

/**
 * A person has a new password: what was guessed before is worth nothing. Names that somebody else has as well keep their
 * count, or he could clear it by changing his own password.
 */
export async function forgetGuesses({ organizationId, userId }: PersonKey): Promise<void> {
  const names = await query<{ name: string }>(
    `select n.name_key as name from sign_in_names n where n.organization_id = $1 and n.user_id = $2
       and not exists (select 1 from sign_in_names o where o.name_key = n.name_key and (o.organization_id, o.user_id) <> ($1, $2))`,
    [organizationId, userId],
  );
  if (names.length > 0)
    await query('delete from sign_in_throttles where bucket = any($1)', [names.map(({ name }) => nameBucket(name))]);
}

/** Who was tried often in a row is remembered for a month, everything else for a day. */
export async function sweepThrottles(now: Date): Promise<void> {
  const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
  const of = { table: 'sign_in_throttles', column: 'last_at' };
  await deleteInPortions({ ...of, before: daysAgo(30) });
  await deleteInPortions({
    ...of,
    before: daysAgo(1),
    only: { name: 'few', sql: `in_a_row <= ${FREE_FAILURES}` },
  });
}
