// Where somebody was, no closer than needed to recognize it: the first 24 bits of an IPv4 address, 48 of an IPv6 one. Pure.
import { isIPv4, isIPv6 } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const V6_GROUPS = 3;

/** "192.0.2.0/24", "2001:db8:7::/48"; null for what is no address. */
export function shownPrefix(address: string | undefined): string | null {
  const given = address ?? '';
  const plain = MAPPED.exec(given)?.[1] ?? given;
  if (isIPv4(plain)) return `${plain.split('.').slice(0, 3).join('.')}.0/24`;
  if (!isIPv6(plain)) return null;
  // The URL parser writes an address in its one canonical form.
  const [head = '', tail] = new URL(`http://[${plain.split('%')[0] ?? ''}]`).hostname.slice(1, -1).split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  const first = groups.slice(0, V6_GROUPS);
  while (first.length > 1 && first.at(-1) === '0') first.pop();
  return `${first.join(':') === '0' ? '' : first.join(':')}::/48`;
}
