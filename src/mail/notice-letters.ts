// Letters about what changed for somebody: his rights, who is administrator, and what he wants to hear of once a day.
import type { Labels } from '../applications/application.ts';
import { quotedName } from './address.ts';
import { action, small, text, type Block, type Letter, type LettersOf, type Say } from './letter.ts';
import type { Personal } from './letter-parts.ts';

export type ChangedRight = {
  readonly change: 'given' | 'ended' | 'joined' | 'left' | 'role_extended' | 'role_narrowed' | 'role_changed';
  /** The role that gives something else than before. */
  readonly role?: string;
  /** A role by its name, an application by its labels. */
  readonly what: Labels | string;
  /** Instead: the name of an administration right. */
  readonly administrationRight?: string;
  readonly account: string | null;
  readonly until: Date | null;
  /** Who did it; empty: the operator. */
  readonly by: string;
  readonly group: string | null;
};

/** Another mail's subject, and the page it is about. */
export type DigestLine = { readonly text: string; readonly path: string };

export type QueueLine = 'registrations' | 'requests' | 'chiefs' | 'approvals' | 'mails' | 'jobs';
/** What came into a queue of the operator's: how many, and the first by name. */
export type QueuedLine = {
  readonly line: QueueLine;
  readonly count: number;
  readonly names: readonly string[];
  readonly path: string;
};

/** `more`: further lines that are not listed. */
type Digest = Personal & {
  readonly rights: readonly ChangedRight[];
  readonly others: readonly (DigestLine | QueuedLine)[];
  readonly more: number;
};

export type NoticeMails = {
  readonly rights_changed: Digest;
  readonly notice_digest: Digest;
  /** To the other chiefs. `right`: the administration right; `by`: empty for the operator. */
  readonly new_administrator: Personal & {
    readonly who: string;
    readonly right: string;
    readonly by: string;
    readonly at: Date;
    readonly path: string;
  };
  /** To the other chiefs, else the operator: a chief gave something to himself. `who` is his name. */
  readonly self_given: Personal & {
    readonly who: string;
    readonly at: Date;
    readonly applications: readonly string[];
  };
  /** To the chief who is left, and to the operator. `company`: whose; `remaining`: nobody where it is null. */
  readonly last_administrator: Personal & {
    readonly company: string;
    readonly remaining: string | null;
    readonly own: boolean;
    readonly path: string;
  };
};

function line(right: ChangedRight, say: Say): string {
  const { t, language } = say;
  const { what, administrationRight, account, until, by, group, role = '' } = right;
  const name =
    administrationRight !== undefined
      ? t(`administration-rights:${administrationRight}.label`)
      : typeof what === 'string'
        ? quotedName(what)
        : what[language];
  const membership = right.change === 'joined' || right.change === 'left';
  const who = by === '' ? [] : [t('mail:rights_changed.by', { by: quotedName(by) })];
  return [
    t(`mail:rights_changed.${right.change}`, { right: name, group: quotedName(group ?? ''), role: quotedName(role) }),
    ...(account === null ? [] : [t('mail:rights_changed.account', { account: quotedName(account) })]),
    ...(group === null || membership ? [] : [t('mail:rights_changed.group', { group: quotedName(group) })]),
    ...(until === null || right.change === 'ended' ? [] : [t('mail:rights_ending.until', { date: say.date(until) })]),
    ...who,
  ].join(', ');
}

function queued({ line: queue, count, names }: QueuedLine, { t }: Say): string {
  const sentence = t(`mail:staff_notice.${queue}`, { count });
  return names.length === 0
    ? sentence
    : `${sentence}: ${names.map(quotedName).join(', ')}${count > names.length ? ', …' : ''}`;
}

function digest(values: Digest, say: Say, subject: string): Letter {
  const { t } = say;
  const organization = quotedName(values.organization);
  const rights: Block[] =
    values.rights.length === 0
      ? []
      : [
          text(t('mail:rights_changed.text', { organization })),
          { kind: 'list', items: values.rights.map((one) => line(one, say)) },
          action(t('mail:own_rights_ending.button'), say.link('/portal/my-rights')),
        ];
  const others: Block[] =
    values.others.length === 0
      ? []
      : [
          text(t('mail:notice_digest.text', { organization })),
          {
            kind: 'links',
            items: values.others.map((one) => ({
              label: 'text' in one ? one.text : queued(one, say),
              href: say.link(one.path),
            })),
          },
        ];
  return {
    subject,
    name: values.name,
    blocks: [
      ...rights,
      ...others,
      ...(values.more > 0 ? [small(t('mail:rights_ending.more', { count: values.more }))] : []),
      small(t('mail:notice_digest.choose', { address: say.link('/portal/notices') })),
    ],
  };
}

export const noticeLetters: LettersOf<NoticeMails> = {
  rights_changed: (values, say) => digest(values, say, say.t('mail:rights_changed.subject', { brand: say.brand })),
  notice_digest: (values, say) => digest(values, say, say.t('mail:notice_digest.subject', { brand: say.brand })),

  new_administrator: (values, say) => {
    const { t } = say;
    const organization = quotedName(values.organization);
    return {
      subject: t('mail:new_administrator.subject', { who: quotedName(values.who), organization }),
      name: values.name,
      blocks: [
        text(
          t('mail:new_administrator.text', { who: quotedName(values.who), organization, date: say.date(values.at) }),
        ),
        {
          kind: 'facts',
          rows: [
            [t('mail:new_administrator.right'), t(`administration-rights:${values.right}.label`)],
            [t('mail:new_administrator.by'), values.by === '' ? say.brand : quotedName(values.by)],
          ],
        },
        text(t('mail:new_administrator.next')),
        action(t('mail:new_administrator.button'), say.link(values.path)),
      ],
    };
  },

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

  last_administrator: (values, say) => {
    const { t } = say;
    const names = { company: quotedName(values.company), remaining: quotedName(values.remaining ?? '') };
    const sentence = values.own ? 'text_own' : values.remaining === null ? 'text_none' : 'text';
    return {
      subject: t(
        values.remaining === null ? 'mail:last_administrator.subject_none' : 'mail:last_administrator.subject',
        names,
      ),
      name: values.name,
      blocks: [
        text(t(`mail:last_administrator.${sentence}`, names)),
        text(t(values.own ? 'mail:last_administrator.next_own' : 'mail:last_administrator.next')),
        action(
          t(values.own ? 'mail:last_administrator.button_own' : 'mail:last_administrator.button'),
          say.link(values.path),
        ),
      ],
    };
  },
};
