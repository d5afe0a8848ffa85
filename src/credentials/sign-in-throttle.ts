// Slows guessing down without locking anybody out: per name typed (five failures are free, then one second that doubles
// to a quarter of an hour), apart for a device that signed in with that name before, and per address. Successes never
// count. Names that nobody has run through the same buckets. All in the database: many processes count together.
import { createHmac, randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { query } from '../database/query.ts';
import { fold } from '../provisioning/fold.ts';
import { secrets } from './secrets.ts';

const FREE_FAILURES = 5;
const LONGEST_WAIT_S = 15 * 60;
const PER_MINUTE = 30;
const PER_MINUTE_KNOWN_DEVICE = 300;
const MAX_NAMES = 5;

/** A browser that has signed in before: a random id and, hashed, the names that it signed in with. */
export type Device = { readonly id: string; readonly names: readonly string[] };

export type Buckets = { readonly name: Buffer; readonly address: Buffer; readonly perMinute: number };

const tag = (...parts: string[]) =>
  createHmac('sha256', secrets().derive('throttle')).update(JSON.stringify(parts)).digest();
const nameTag = (name: string) => tag('known', fold(name)).toString('base64url').slice(0, 16);

/** The first 64 bits of an IPv6 address: one customer has them all. */
export function addressPrefix(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address.replace('::ffff:', '');
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const missing = address.includes('::') ? 8 - groups.length - tail.split(':').filter(Boolean).length : 0;
  return [...groups, ...Array<string>(missing).fill('0'), ...tail.split(':').filter(Boolean)].slice(0, 4).join(':');
}

export function signInBuckets(input: { name: string; address: string; device?: Device | undefined }): Buckets {
  const { device } = input;
  const known = device?.names.includes(nameTag(input.name)) === true;
  return {
    name: known ? tag('device', device.id, fold(input.name)) : tag('name', fold(input.name)),
    address: tag('address', addressPrefix(input.address)),
    perMinute: device ? PER_MINUTE_KNOWN_DEVICE : PER_MINUTE,
  };
}

/** The device as it is remembered after a success with this name. */
export function rememberDevice(device: Device | undefined, name: string): Device {
  const names = [nameTag(name), ...(device?.names ?? []).filter((known) => known !== nameTag(name))];
  return { id: device?.id ?? randomBytes(12).toString('base64url'), names: names.slice(0, MAX_NAMES) };
}

const FAILED = `
  insert into sign_in_throttles as t (bucket, kind, failures, since, last_at, blocked_until)
  values ($1, 'name', 1, $3, $3, null), ($2, 'address', 1, $3, $3, null)
  on conflict (bucket) do update set (failures, since, last_at, blocked_until) = (
    select n.failures, n.since, $3::timestamptz,
      case when t.kind = 'name' and n.failures > ${FREE_FAILURES}
             then $3::timestamptz + make_interval(secs => least(${LONGEST_WAIT_S}, power(2, least(n.failures, 40) - ${FREE_FAILURES + 1})))
           when t.kind = 'address' and n.failures >= $4 then n.since + interval '1 minute' end
    from (select case when fresh then 1 else t.failures + 1 end as failures, case when fresh then $3::timestamptz else t.since end as since
      from (select case t.kind when 'name' then t.last_at < $3::timestamptz - interval '1 day'
                               else t.since < $3::timestamptz - interval '1 minute' end as fresh) f) n
  )`;

export async function countFailure(buckets: Buckets, now: Date): Promise<void> {
  await query(FAILED, [buckets.name, buckets.address, now, buckets.perMinute]);
}

/** A success wipes what was counted against the name from this kind of device. */
export async function forgetFailures(buckets: Buckets): Promise<void> {
  await query('delete from sign_in_throttles where bucket = $1', [buckets.name]);
}

export async function sweepThrottles(now: Date): Promise<void> {
  await query("delete from sign_in_throttles where last_at < $1::timestamptz - interval '1 day'", [now]);
}
