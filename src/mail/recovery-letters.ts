// The mails that let somebody in again: a forgotten password, and a name on which too many passwords were tried.
import { quotedName } from './address.ts';
import { action, small, text, type Block, type LettersOf, type Say } from './letter.ts';
import {
  facts,
  validity,
  whom,
  type Account,
  type Administrator,
  type LinkPart,
  type Personal,
} from './letter-parts.ts';

export type Recoverable = Account & { readonly link: LinkPart; readonly hasPassword: boolean };
export type Unrecoverable = Account & { readonly administrators: readonly Administrator[] };

export type RecoveryMails = {
  /** `by`: the administrator who sends it; null: it was asked for on the recovery page. `more`: others were left out. */
  readonly recovery: {
    readonly by: string | null;
    readonly accounts: readonly [Recoverable, ...Recoverable[]];
    readonly others: readonly Unrecoverable[];
    readonly more: boolean;
  };
  readonly recovery_without_right: { readonly accounts: readonly [Unrecoverable, ...Unrecoverable[]] };
  /** Lets a browser try a password again for a name on which too many were tried. */
  readonly device_link: Personal & { readonly link: LinkPart };
};

function askAdministrators(account: Unrecoverable, say: Say): Block[] {
  return [facts(account, say), ...whom(account.administrators, say, 'mail:recovery_without_right.ask')];
}

export const recoveryLetters: LettersOf<RecoveryMails> = {
  recovery: ({ by, accounts, others, more }, say) => ({
    subject: say.t('mail:recovery.subject', { brand: say.brand }),
    blocks: [
      text(
        by === null
          ? say.t('mail:recovery.lede', { brand: say.brand })
          : say.t('mail:recovery.lede_by', { by: quotedName(by), brand: say.brand }),
      ),
      ...accounts.flatMap((account) => [
        facts(account, say),
        action(
          say.t(account.hasPassword ? 'mail:recovery.button' : 'mail:recovery.button_first'),
          say.link(account.link.path),
        ),
      ]),
      small(validity(accounts[0].link, say)),
      ...others.flatMap((account) => askAdministrators(account, say)),
      ...(more ? [text(say.t('mail:recovery.more'))] : []),
      small(say.t('mail:recovery.not_you')),
    ],
  }),

  recovery_without_right: ({ accounts }, say) => ({
    subject: say.t('mail:recovery_without_right.subject', { brand: say.brand }),
    blocks: [
      text(say.t('mail:recovery.lede', { brand: say.brand })),
      ...accounts.flatMap((account) => askAdministrators(account, say)),
      small(say.t('mail:recovery.not_you')),
    ],
  }),

  device_link: (values, say) => ({
    subject: say.t('mail:device_link.subject', { brand: say.brand }),
    name: values.name,
    blocks: [
      text(say.t('mail:device_link.text', { brand: say.brand })),
      facts(values, say),
      text(say.t('mail:device_link.open_there')),
      action(say.t('mail:device_link.button'), say.link(values.link.path)),
      small(validity(values.link, say)),
      small(say.t('mail:device_link.not_you')),
    ],
  }),
};
