// Parts that several letters have in common: whose account it is, until when a link works, whom to ask.
import { quotedName } from './address.ts';
import { text, type Block, type Say } from './letter.ts';

export type Account = { readonly username: string; readonly organization: string };
/** What each letter to a user is given. */
export type Personal = Account & { readonly name: string };

export type Administrator = { readonly name: string; readonly email?: string };

/** A one-time link: its path, and until when it works. */
export type LinkPart = { readonly path: string; readonly expiresAt: Date; readonly minutes: number };

export const facts = ({ username, organization }: Account, say: Say): Block => ({
  kind: 'facts',
  rows: [
    [say.t('mail:username'), quotedName(username)],
    [say.t('mail:organization'), quotedName(organization)],
  ],
});

export const validity = ({ minutes, expiresAt }: LinkPart, say: Say): string =>
  say.t('mail:validity', { duration: say.duration(minutes), date: say.date(expiresAt) });

/** The administrators by name under a sentence that says why; where there is none, it is the operator's turn. */
export function whom(administrators: readonly Administrator[], say: Say, sentence: string): Block[] {
  if (administrators.length === 0) return [text(say.t('mail:no_administrator')), ...contact(say)];
  const items = administrators.map(({ name, email }) =>
    email === undefined ? quotedName(name) : `${quotedName(name)}, ${quotedName(email)}`,
  );
  return [text(say.t(sentence)), { kind: 'list', items }];
}

export const contact = (say: Say): Block[] =>
  say.customerService === undefined ? [] : [text(say.t('mail:customer_service', { contact: say.customerService }))];
