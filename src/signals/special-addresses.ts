// Addresses that are nobody's server on the Internet (IANA special-purpose registries, RFC 6890): what the hub calls on
// behalf of somebody's registration must not reach its own network. Pure.
import { BlockList, isIP } from 'node:net';

const V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Only 2000::/3 is given out; of that, what tunnels IPv4 or documents. */
const V6: readonly (readonly [string, number])[] = [
  ['::', 3],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['4000::', 2],
  ['8000::', 1],
];

// Two lists: in one, an IPv4 address would be taken for its mapped form, which is special.
const [special4, special6] = [new BlockList(), new BlockList()];
for (const [address, prefix] of V4) special4.addSubnet(address, prefix, 'ipv4');
for (const [address, prefix] of V6) special6.addSubnet(address, prefix, 'ipv6');

/** True also for what is no address. Mapped IPv4 (`::ffff:10.0.0.1`) lies below 2000::/3 and is special. */
export function isSpecialAddress(address: string): boolean {
  const family = isIP(address);
  return family === 0 || (family === 4 ? special4.check(address, 'ipv4') : special6.check(address, 'ipv6'));
}
