// Every kind of mail, and what it is made from. A new kind is a line in Mails, its letter, and its texts in
// locales/<language>/mail.yaml. A letter never holds a password.
import { quotedName } from './address.ts';
import { action, small, text, type Block, type Letter, type Say } from './letter.ts';

export type Administrator = { readonly name: string; readonly email?: string };

type Account = { readonly username: string; readonly organization: string };
type Personal = Account & { readonly name: string };

/** A one-time link: its path, and until when it works. */
export type LinkPart = { readonly path: string; readonly expiresAt: Date; readonly minutes: number };

export type Invitation = Personal & {
  /** Who invites; null: the operator or the hub itself. */
  readonly inviter: string | null;
  /** Names of the applications that he will find. */
  readonly applications: readonly string[];
  readonly link: LinkPart;
};
export type Recoverable = Account & { readonly link: LinkPart; readonly hasPassword: boolean };
export type Unrecoverable = Account & { readonly administrators: readonly Administrator[] };

export type Mails = {
  readonly invitation: Invitation;
  readonly invitation_reminder: Invitation;
  /** `by`: the administrator who sends it; null: it was asked for on the recovery page. `more`: others were left out. */
  readonly recovery: {
    readonly by: string | null;
    readonly accounts: readonly [Recoverable, ...Recoverable[]];
    readonly others: readonly Unrecoverable[];
    readonly more: boolean;
  };
  readonly recovery_without_right: { readonly accounts: readonly [Unrecoverable, ...Unrecoverable[]] };
  readonly password_changed: Personal & { readonly at: Date };
  readonly account_deactivated: Personal & { readonly administrators: readonly Administrator[] };
  /** To the other chiefs, else the operator: a chief gave something to himself. `who` is his name. */
  readonly self_given: Personal & { readonly who: string; readonly at: Date; readonly applications: readonly string[] };
};
export type MailKind = keyof Mails;

type Letters = { readonly [K in MailKind]: (values: Mails[K], say: Say) => Letter };

export const LETTERS: Letters = {
  invitation: (values, say) => invitation(values, say, 'invitation'),
  invitation_reminder: (values, say) => invitation(values, say, 'invitation_reminder'),

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

  password_changed: (values, say) => ({
    subject: say.t('mail:password_changed.subject', { brand: say.brand }),
    name: values.name,
    blocks: [
      text(say.t('mail:password_changed.text', { date: say.date(values.at) })),
      facts(values, say),
      text(say.t('mail:password_changed.not_you')),
      ...contact(say),
    ],
  }),

  self_given: (values, say) => ({
    subject: say.t('mail:self_given.subject', { who: quotedName(values.who) }),
    name: values.name,
    blocks: [
      text(
        say.t('mail:self_given.text', {
          who: quotedName(values.who),
          date: say.date(values.at),
          organization: quotedName(values.organization),
        }),
      ),
      ...(values.applications.length === 0 ? [] : [{ kind: 'list' as const, items: values.applications }]),
      text(say.t('mail:self_given.next')),
    ],
  }),

  account_deactivated: (values, say) => ({
    subject: say.t('mail:account_deactivated.subject', { brand: say.brand }),
    name: values.name,
    blocks: [
      text(say.t('mail:account_deactivated.text', { brand: say.brand, organization: quotedName(values.organization) })),
      facts(values, say),
      ...whom(values.administrators, say, 'mail:account_deactivated.ask'),
    ],
  }),
};

function invitation(values: Invitation, say: Say, kind: 'invitation' | 'invitation_reminder'): Letter {
  const { applications, inviter } = values;
  const names = { brand: say.brand, organization: quotedName(values.organization), inviter: quotedName(inviter ?? '') };
  const first = inviter === null ? 'mail:invitation.subject_hub' : 'mail:invitation.subject';
  return {
    subject: say.t(kind === 'invitation' ? first : 'mail:invitation_reminder.subject', names),
    name: values.name,
    blocks: [
      ...(kind === 'invitation_reminder' ? [text(say.t('mail:invitation_reminder.lede'))] : []),
      text(say.t(inviter === null ? 'mail:invitation.lede_hub' : 'mail:invitation.lede', names)),
      ...(applications.length === 0
        ? [text(say.t('mail:invitation.no_applications'))]
        : [text(say.t('mail:invitation.applications')), { kind: 'list' as const, items: applications }]),
      facts(values, say),
      text(say.t('mail:invitation.choose')),
      action(say.t('mail:invitation.button'), say.link(values.link.path)),
      small(validity(values.link, say)),
      small(say.t('mail:invitation.unexpected')),
    ],
  };
}

const facts = ({ username, organization }: Account, say: Say): Block => ({
  kind: 'facts',
  rows: [
    [say.t('mail:username'), quotedName(username)],
    [say.t('mail:organization'), quotedName(organization)],
  ],
});

const validity = ({ minutes, expiresAt }: LinkPart, say: Say): string =>
  say.t('mail:validity', { duration: say.duration(minutes), date: say.date(expiresAt) });

function askAdministrators(account: Unrecoverable, say: Say): Block[] {
  return [facts(account, say), ...whom(account.administrators, say, 'mail:recovery_without_right.ask')];
}

/** The administrators by name under a sentence that says why; where there is none, it is the operator's turn. */
function whom(administrators: readonly Administrator[], say: Say, sentence: string): Block[] {
  if (administrators.length === 0) return [text(say.t('mail:no_administrator')), ...contact(say)];
  const items = administrators.map(({ name, email }) =>
    email === undefined ? quotedName(name) : `${quotedName(name)}, ${quotedName(email)}`,
  );
  return [text(say.t(sentence)), { kind: 'list', items }];
}

const contact = (say: Say): Block[] =>
  say.customerService === undefined ? [] : [text(say.t('mail:customer_service', { contact: say.customerService }))];
