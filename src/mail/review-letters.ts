// The mails about rights that end soon and about access reviews.
import type { Labels } from '../applications/application.ts';
import { quotedName } from './address.ts';
import { action, small, text, type Letter, type LettersOf, type Say } from './letter.ts';
import type { Personal } from './letter-parts.ts';

/** What ends: a role by its name, an application by its labels. */
export type EndingRight = {
  /** The person or group; null: the reader himself. */
  readonly who: string | null;
  readonly what: Labels | string;
  readonly account: string | null;
  /** The last moment. */
  readonly until: Date;
};

export type ReviewMails = {
  /** To administrators, one for all that ends; `more`: further ones that are not listed. */
  readonly rights_ending: Personal & { readonly items: readonly EndingRight[]; readonly more: number };
  /** To whoever holds them. */
  readonly own_rights_ending: Personal & { readonly items: readonly EndingRight[]; readonly more: number };
  /** `undecided`: rows on which nobody has decided. `begun`: it has just been started by schedule; `overdue`: its day has passed. */
  readonly review_reminder: Personal & {
    readonly dueOn: Date;
    readonly undecided: number;
    readonly begun: boolean;
    readonly overdue: boolean;
    readonly path: string;
  };
};

const line = ({ who, what, account, until }: EndingRight, say: Say): string =>
  [
    ...(who === null ? [] : [quotedName(who)]),
    typeof what === 'string' ? quotedName(what) : what[say.language],
    ...(account === null ? [] : [account]),
    say.t('mail:rights_ending.until', { date: say.date(until) }),
  ].join(', ');

const ending = (
  values: ReviewMails['rights_ending'],
  say: Say,
  kind: 'rights_ending' | 'own_rights_ending',
): Letter => ({
  subject: say.t(`mail:${kind}.subject`, { brand: say.brand }),
  name: values.name,
  blocks: [
    text(say.t(`mail:${kind}.text`, { organization: quotedName(values.organization) })),
    { kind: 'list', items: values.items.map((one) => line(one, say)) },
    ...(values.more > 0 ? [small(say.t('mail:rights_ending.more', { count: values.more }))] : []),
    text(say.t(`mail:${kind}.next`)),
    action(say.t(`mail:${kind}.button`), say.link(kind === 'rights_ending' ? '/portal/users' : '/portal/my-rights')),
  ],
});

export const reviewLetters: LettersOf<ReviewMails> = {
  rights_ending: (values, say) => ending(values, say, 'rights_ending'),
  own_rights_ending: (values, say) => ending(values, say, 'own_rights_ending'),
  review_reminder: ({ name, organization, dueOn, undecided, begun, overdue, path }, say) => ({
    subject: say.t(`mail:review_reminder.${begun ? 'subject_begun' : overdue ? 'subject_overdue' : 'subject'}`, {
      organization: quotedName(organization),
    }),
    name,
    blocks: [
      text(
        say.t(`mail:review_reminder.${begun ? 'begun' : overdue ? 'overdue' : 'text'}`, {
          organization: quotedName(organization),
          date: say.date(dueOn),
          count: undecided,
        }),
      ),
      action(say.t('mail:review_reminder.button'), say.link(path)),
    ],
  }),
};
