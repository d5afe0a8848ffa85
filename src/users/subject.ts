// The subject of a user in tokens: opaque, the same for ever, and readable without a look-up. It is the 16 bytes of the
// organization's id followed by the 16 bytes of the user's, in base64url (43 characters).

export type Subject = { readonly organizationId: string; readonly userId: string };

const ENCODED = /^[A-Za-z0-9_-]{43}$/;

const bytes = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex');

const uuid = (part: Buffer) => part.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

export function encodeSubject(organizationId: string, userId: string): string {
  const both = Buffer.concat([bytes(organizationId), bytes(userId)]);
  if (both.length !== 32) throw new RangeError('A subject is made of two UUIDs');
  return both.toString('base64url');
}

/** Undefined for anything that encodeSubject did not make. */
export function decodeSubject(sub: string): Subject | undefined {
  if (!ENCODED.test(sub)) return undefined;
  const both = Buffer.from(sub, 'base64url');
  // The last character carries two spare bits: only one spelling of a subject counts.
  if (both.toString('base64url') !== sub) return undefined;
  return { organizationId: uuid(both.subarray(0, 16)), userId: uuid(both.subarray(16)) };
}
