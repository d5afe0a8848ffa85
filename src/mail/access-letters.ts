// Letters between organizations and between an asker and his administrators: mandates, and requests for access. A link in
// them opens a page and does nothing else.
import type { Labels } from '../applications/application.ts';
import { quotedName } from './address.ts';
import { action, small, text, type Block, type Letter, type Say } from './letter.ts';

type Personal = { readonly name: string; readonly username: string; readonly organization: string };

/** To those who work with a mandate: its giver, the customer number, what it is for. */
export type MandateMail = Personal & {
  readonly giver: string;
  readonly number: string;
  readonly applications: readonly Labels[];
  readonly validUntil: Date | null;
  readonly onward: number;
};

/** To an administrator who can answer a request. `account`: as the asker named it; empty: he named none. */
export type AccessRequested = Personal & {
  readonly asker: string;
  readonly application: Labels;
  readonly account: string;
  readonly reason: string;
  readonly path: string;
  readonly reminder: boolean;
  readonly expiresAt: Date;
};

/** To the asker. `answer`: what the administrator wrote to him, if anything. */
export type AccessDecided = Personal & {
  readonly state: 'approved' | 'approved_in_part' | 'denied' | 'expired';
  readonly application: Labels;
  readonly answer: string;
  readonly path: string;
};

export type AccessMails = {
  readonly mandate_received: MandateMail;
  readonly mandate_changed: MandateMail;
  readonly mandate_withdrawn: MandateMail;
  readonly access_requested: AccessRequested;
  readonly access_decided: AccessDecided;
};

const LONGEST_QUOTE = 500;

/** Somebody's own words, shortened: the page has them whole. */
const quoted = (words: string): string =>
  words.length <= LONGEST_QUOTE ? words : `${words.slice(0, LONGEST_QUOTE).trimEnd()}…`;

function mandate(values: MandateMail, say: Say, kind: 'received' | 'changed' | 'withdrawn'): Letter {
  const { t, language } = say;
  const giver = quotedName(values.giver);
  const rows: [string, string][] = [
    [t('mail:mandate.giver'), giver],
    [t('mail:mandate.number'), quotedName(values.number)],
    [t('mail:mandate.applications'), values.applications.map((label) => label[language]).join(', ')],
  ];
  if (kind !== 'withdrawn') {
    const until = values.validUntil === null ? t('mail:mandate.no_end') : say.date(values.validUntil);
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

export const accessLetters = {
  mandate_received: (values: MandateMail, say: Say) => mandate(values, say, 'received'),
  mandate_changed: (values: MandateMail, say: Say) => mandate(values, say, 'changed'),
  mandate_withdrawn: (values: MandateMail, say: Say) => mandate(values, say, 'withdrawn'),

  access_requested: (values: AccessRequested, say: Say): Letter => {
    const { t } = say;
    const names = { asker: quotedName(values.asker), application: values.application[say.language] };
    const account = values.account === '' ? t('mail:access_requested.no_account') : quotedName(values.account);
    return {
      subject: t(values.reminder ? 'mail:access_requested.subject_reminder' : 'mail:access_requested.subject', names),
      name: values.name,
      blocks: [
        text(t(values.reminder ? 'mail:access_requested.text_reminder' : 'mail:access_requested.text', names)),
        {
          kind: 'facts',
          rows: [
            [t('mail:access_requested.application'), names.application],
            [t('mail:access_requested.account'), account],
            [t('mail:access_requested.reason'), quoted(values.reason)],
          ],
        },
        action(t('mail:access_requested.button'), say.link(values.path)),
        small(t('mail:access_requested.expires', { date: say.date(values.expiresAt) })),
      ],
    };
  },

  access_decided: (values: AccessDecided, say: Say): Letter => {
    const { t } = say;
    const { state } = values;
    const names = { application: values.application[say.language] };
    const answer: Block[] =
      values.answer === '' ? [] : [{ kind: 'facts', rows: [[t('mail:access_decided.answer'), quoted(values.answer)]] }];
    return {
      subject: t(`mail:access_decided.subject_${state}`, names),
      name: values.name,
      blocks: [
        text(t(`mail:access_decided.text_${state}`, names)),
        ...answer,
        action(t('mail:access_decided.button'), say.link(values.path)),
      ],
    };
  },
};
