// The mail about a directory's token that ends soon.
import { quotedName } from './address.ts';
import { action, text, type LettersOf } from './letter.ts';
import type { Personal } from './letter-parts.ts';

export type ConnectionMails = {
  /** To the chief administrators and whoever issued the token. */
  readonly token_ending: Personal & {
    readonly connection: string;
    readonly token: string;
    readonly expiresAt: Date;
    readonly path: string;
  };
};

export const connectionLetters: LettersOf<ConnectionMails> = {
  token_ending: ({ name, organization, connection, token, expiresAt, path }, say) => {
    const names = { connection: quotedName(connection), date: say.date(expiresAt) };
    return {
      subject: say.t('mail:token_ending.subject', names),
      name,
      blocks: [
        text(say.t('mail:token_ending.text', { ...names, organization: quotedName(organization) })),
        {
          kind: 'facts',
          rows: [
            [say.t('mail:token_ending.connection'), quotedName(connection)],
            [say.t('mail:token_ending.token'), quotedName(token)],
            [say.t('mail:token_ending.ends'), say.date(expiresAt)],
          ],
        },
        text(say.t('mail:token_ending.next')),
        action(say.t('mail:token_ending.button'), say.link(path)),
      ],
    };
  },
};
