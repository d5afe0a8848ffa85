// Every kind of mail, and what it is made from. A new kind is a line in Mails, its letter, and its texts in
// locales/<language>/mail.yaml. A letter never holds a password.
import type { Labels } from '../applications/application.ts';
import { accessLetters, type AccessMails } from './access-letters.ts';
import { quotedName } from './address.ts';
import { connectionLetters, type ConnectionMails } from './connection-letters.ts';
import { action, small, text, type Block, type Letter, type Say } from './letter.ts';
import { noticeLetters, type NoticeMails } from './notice-letters.ts';
import { reviewLetters, type ReviewMails } from './review-letters.ts';

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

export type Mails = AccessMails &
  ConnectionMails &
  NoticeMails &
  ReviewMails & {
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
    /** To the new address. */
    readonly email_change_confirm: Personal & { readonly link: LinkPart };
    /** To the former address. `by`: the administrator who did it; null: the person himself, or the operator. */
    readonly email_change_notice: Personal & {
      readonly email: string;
      readonly by: string | null;
      /** It stands in the record already; else it counts once confirmed. */
      readonly applied: boolean;
      readonly link: LinkPart;
    };
    /** Lets a browser try a password again for a name on which too many were tried. */
    readonly device_link: Personal & { readonly link: LinkPart };
    /** To administrators: somebody opened an invitation that has expired. `who` is his name. */
    readonly invitation_asked: Personal & { readonly who: string; readonly path: string };
    readonly account_deactivated: Personal & { readonly administrators: readonly Administrator[] };
    /** Where the sign-in came from, as far as it is known. */
    readonly new_device: Personal & {
      readonly at: Date;
      readonly browser: string | null;
      readonly platform: string | null;
      readonly address: string | null;
    };
    /** `by`: the administrator who did it; null: the person himself. */
    readonly sessions_ended: Personal & { readonly at: Date; readonly by: string | null };
    readonly second_factor_changed: Personal & {
      readonly at: Date;
      readonly change: 'app_added' | 'passkey_added' | 'app_removed' | 'passkey_removed' | 'reset';
    };
    /** `left`: unused ones; undefined: new ones were made. */
    readonly recovery_codes: Personal & { readonly at: Date; readonly left: number | null };
    /** To the other chiefs, else the operator: a chief gave something to himself. `who` is his name. */
    readonly self_given: Personal & {
      readonly who: string;
      readonly at: Date;
      readonly applications: readonly string[];
    };
    /** To whoever asked for access for his company, at an address that nobody has proved yet. */
    readonly registration_confirmation: { readonly name: string; readonly company: string; readonly link: LinkPart };
    readonly registration_denied: { readonly name: string; readonly company: string; readonly reason: string };
    /** To the administrators of the company whose customer number a stranger gave. */
    readonly registration_notice: Personal & {
      readonly asker: string;
      readonly email: string;
      readonly customerNumber: string;
      readonly applications: readonly Labels[];
    };
    /** To whoever uploaded a file of users: it has been worked off, or stopped because he may not create users any more. */
    readonly import_finished: Personal & {
      readonly fileName: string;
      readonly created: number;
      readonly refused: number;
      readonly stopped: boolean;
      readonly path: string;
    };
  };
export type MailKind = keyof Mails;

type Letters = { readonly [K in MailKind]: (values: Mails[K], say: Say) => Letter };

export const LETTERS: Letters = {
  ...accessLetters,
  ...connectionLetters,
  ...noticeLetters,
  ...reviewLetters,

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

  email_change_confirm: (values, say) => ({
    subject: say.t('mail:email_change_confirm.subject', { brand: say.brand }),
    name: values.name,
    blocks: [
      text(say.t('mail:email_change_confirm.text', { brand: say.brand })),
      facts(values, say),
      action(say.t('mail:email_change_confirm.button'), say.link(values.link.path)),
      small(validity(values.link, say)),
      small(say.t('mail:email_change_confirm.not_you')),
    ],
  }),

  email_change_notice: (values, say) => {
    const names = { brand: say.brand, email: quotedName(values.email), by: quotedName(values.by ?? '') };
    const sentence = values.applied ? (values.by === null ? 'applied_hub' : 'applied') : 'requested';
    return {
      subject: say.t('mail:email_change_notice.subject', names),
      name: values.name,
      blocks: [
        text(say.t(`mail:email_change_notice.${sentence}`, names)),
        facts(values, say),
        text(say.t('mail:email_change_notice.undo')),
        action(say.t('mail:email_change_notice.button'), say.link(values.link.path)),
        small(validity(values.link, say)),
        ...contact(say),
      ],
    };
  },

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

  invitation_asked: (values, say) => ({
    subject: say.t('mail:invitation_asked.subject', { who: quotedName(values.who) }),
    name: values.name,
    blocks: [
      text(
        say.t('mail:invitation_asked.text', {
          who: quotedName(values.who),
          organization: quotedName(values.organization),
        }),
      ),
      action(say.t('mail:invitation_asked.button'), say.link(values.path)),
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

  new_device: (values, say) => ({
    subject: say.t('mail:new_device.subject', { brand: say.brand }),
    name: values.name,
    blocks: [
      text(say.t('mail:new_device.text', { date: say.date(values.at) })),
      {
        kind: 'facts',
        rows: [
          [say.t('mail:username'), quotedName(values.username)],
          [say.t('mail:organization'), quotedName(values.organization)],
          [say.t('mail:new_device.browser'), values.browser ?? say.t('mail:new_device.unknown')],
          [say.t('mail:new_device.platform'), values.platform ?? say.t('mail:new_device.unknown')],
          [say.t('mail:new_device.address'), values.address ?? say.t('mail:new_device.unknown')],
        ],
      },
      text(say.t('mail:new_device.you')),
      text(say.t('mail:new_device.not_you')),
      action(say.t('mail:security_button'), say.link('/portal/security')),
      ...contact(say),
    ],
  }),

  sessions_ended: (values, say) => ({
    subject: say.t('mail:sessions_ended.subject', { brand: say.brand }),
    name: values.name,
    blocks: [
      text(
        values.by === null
          ? say.t('mail:sessions_ended.text', { date: say.date(values.at) })
          : say.t('mail:sessions_ended.text_by', { date: say.date(values.at), by: quotedName(values.by) }),
      ),
      facts(values, say),
      text(say.t('mail:not_you')),
      ...contact(say),
    ],
  }),

  second_factor_changed: (values, say) => ({
    subject: say.t('mail:second_factor_changed.subject', { brand: say.brand }),
    name: values.name,
    blocks: [
      text(say.t(`mail:second_factor_changed.${values.change}`, { date: say.date(values.at) })),
      facts(values, say),
      text(say.t('mail:not_you')),
      action(say.t('mail:security_button'), say.link('/portal/security')),
      ...contact(say),
    ],
  }),

  recovery_codes: (values, say) => ({
    subject: say.t('mail:recovery_codes.subject', { brand: say.brand }),
    name: values.name,
    blocks: [
      text(
        values.left === null
          ? say.t('mail:recovery_codes.made', { date: say.date(values.at) })
          : say.t('mail:recovery_codes.used', { date: say.date(values.at) }),
      ),
      ...(values.left === null ? [] : [text(say.t('mail:recovery_codes.left', { count: values.left }))]),
      facts(values, say),
      text(say.t('mail:not_you')),
      action(say.t('mail:security_button'), say.link('/portal/security')),
      ...contact(say),
    ],
  }),

  registration_confirmation: (values, say) => ({
    subject: say.t('mail:registration_confirmation.subject', { brand: say.brand }),
    name: values.name,
    blocks: [
      text(say.t('mail:registration_confirmation.text', { brand: say.brand, company: quotedName(values.company) })),
      action(say.t('mail:registration_confirmation.button'), say.link(values.link.path)),
      small(validity(values.link, say)),
      small(say.t('mail:registration_confirmation.not_you')),
    ],
  }),

  registration_denied: (values, say) => ({
    subject: say.t('mail:registration_denied.subject', { brand: say.brand }),
    name: values.name,
    blocks: [
      text(say.t('mail:registration_denied.text', { brand: say.brand, company: quotedName(values.company) })),
      text(values.reason),
      ...contact(say),
    ],
  }),

  registration_notice: (values, say) => ({
    subject: say.t('mail:registration_notice.subject', { brand: say.brand }),
    name: values.name,
    blocks: [
      text(say.t('mail:registration_notice.text', { brand: say.brand, organization: quotedName(values.organization) })),
      {
        kind: 'facts' as const,
        rows: [
          [say.t('mail:registration_notice.asker'), quotedName(values.asker)],
          [say.t('mail:registration_notice.email'), quotedName(values.email)],
          [say.t('mail:registration_notice.number'), quotedName(values.customerNumber)],
        ],
      },
      text(say.t('mail:registration_notice.applications')),
      { kind: 'list' as const, items: values.applications.map((labels) => labels[say.language]) },
      text(say.t('mail:registration_notice.next')),
      action(say.t('mail:registration_notice.button'), say.link('/portal/users/new')),
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

  import_finished: (values, say) => ({
    subject: say.t(values.stopped ? 'mail:import_finished.subject_stopped' : 'mail:import_finished.subject', {
      brand: say.brand,
    }),
    name: values.name,
    blocks: [
      text(
        say.t(values.stopped ? 'mail:import_finished.stopped' : 'mail:import_finished.text', {
          file: quotedName(values.fileName),
          organization: quotedName(values.organization),
        }),
      ),
      text(say.t('mail:import_finished.created', { count: values.created })),
      ...(values.refused === 0 ? [] : [text(say.t('mail:import_finished.refused', { count: values.refused }))]),
      action(say.t('mail:import_finished.button'), say.link(values.path)),
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
