// The mails about a mandate, to those who work with it. A link in them opens a page and does nothing else.
import type { Labels } from '../applications/application.ts';
import { quotedName } from './address.ts';
import { action, small, text, type Letter, type LettersOf, type Say } from './letter.ts';
import type { Personal } from './letter-parts.ts';

/** Its giver, the customer number, what it is for. */
type MandateMail = Personal & {
  readonly giver: string;
  readonly number: string;
  readonly applications: readonly Labels[];
  /** Its last moment. */
  readonly until: Date | null;
  readonly onward: number;
};

/** One that ends within 14 days: who is on the other side, the customer number, what it is for, its last moment. */
export type EndingMandate = {
  readonly other: string;
  readonly number: string;
  readonly applications: readonly Labels[];
  readonly until: Date;
};
/** All of one side; `more`: further ones that are not listed. */
type EndingMandates = Personal & { readonly items: readonly EndingMandate[]; readonly more: number };

export type MandateMails = {
  /** To those of the giver who can give it anew. */
  readonly mandate_given_ending: EndingMandates;
  readonly mandate_received_ending: EndingMandates;
  readonly mandate_received: MandateMail;
  readonly mandate_changed: MandateMail;
  readonly mandate_withdrawn: MandateMail;
};

function mandate(values: MandateMail, say: Say, kind: 'received' | 'changed' | 'withdrawn'): Letter {
  const { t, language } = say;
  const giver = quotedName(values.giver);
  const rows: [string, string][] = [
    [t('mail:mandate.giver'), giver],
    [t('mail:mandate.number'), quotedName(values.number)],
    [t('mail:mandate.applications'), values.applications.map((label) => label[language]).join(', ')],
  ];
  if (kind !== 'withdrawn') {
    const until = values.until === null ? t('mail:mandate.no_end') : say.date(values.until);
    rows.push([t('mail:mandate.until'), until], [t('mail:mandate.onward'), t(`mail:mandate.onward_${values.onward}`)]);
  }
  return {
    subject: t(`mail:mandate.subject_${kind}`, { giver }),
    name: values.name,
    blocks: [
      text(t(`mail:mandate.text_${kind}`, { giver, organization: quotedName(values.organization) })),
      { kind: 'facts', rows },
      text(t(`mail:mandate.next_${kind}`)),
      action(t('mail:mandate.button'), say.link('/portal/mandates/received')),
    ],
  };
}

function ending(values: EndingMandates, say: Say, side: 'given' | 'received'): Letter {
  const { t, language } = say;
  const line = ({ other, number, applications, until }: EndingMandate): string =>
    [
      quotedName(other),
      quotedName(number),
      ...applications.map((label) => label[language]),
      t('mail:rights_ending.until', { date: say.date(until) }),
    ].join(', ');
  return {
    subject: t(`mail:mandate_ending.subject_${side}`, { brand: say.brand }),
    name: values.name,
    blocks: [
      text(t(`mail:mandate_ending.text_${side}`, { organization: quotedName(values.organization) })),
      { kind: 'list', items: values.items.map(line) },
      ...(values.more > 0 ? [small(t('mail:rights_ending.more', { count: values.more }))] : []),
      text(t(`mail:mandate_ending.next_${side}`)),
      action(t(`mail:mandate_ending.button_${side}`), say.link(`/portal/mandates/${side}`)),
    ],
  };
}

export const mandateLetters: LettersOf<MandateMails> = {
  mandate_given_ending: (values, say) => ending(values, say, 'given'),
  mandate_received_ending: (values, say) => ending(values, say, 'received'),
  mandate_received: (values, say) => mandate(values, say, 'received'),
  mandate_changed: (values, say) => mandate(values, say, 'changed'),
  mandate_withdrawn: (values, say) => mandate(values, say, 'withdrawn'),
};
