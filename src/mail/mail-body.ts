// The body of a mail as it lies in the database: sealed, because it may hold a link that opens an account. Whoever reads
// a copy of the database learns no link.
import { secrets } from '../credentials/secrets.ts';

export type MailBody = { readonly text: string; readonly html: string };

// The id is part of what is sealed: the body of one mail cannot be put into another.
const label = (id: string) => `mail ${id}`;

export const sealBody = (id: string, body: MailBody): Buffer =>
  secrets().seal(Buffer.from(JSON.stringify(body)), label(id));

/** Throws when it was sealed under another key. */
export const openBody = (id: string, sealed: Uint8Array): MailBody =>
  JSON.parse(secrets().open(sealed, label(id)).toString()) as MailBody;
