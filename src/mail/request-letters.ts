// The mails between somebody who asks for access, or for a new second factor, and his administrators. A link in them opens a page and does nothing else.
import type { Labels } from '../applications/application.ts';
import { quotedName, quotedWords } from './address.ts';
import { action, small, text, type Block, type LettersOf } from './letter.ts';
import type { Personal } from './letter-parts.ts';

export type RequestMails = {
  /** To an administrator who can answer a request. `account`: as the asker named it; empty: he named none. */
  readonly access_requested: Personal & {
    readonly asker: string;
    readonly application: Labels;
    readonly account: string;
    readonly reason: string;
    readonly path: string;
    readonly reminder: boolean;
    readonly expiresAt: Date;
  };
  /** To an administrator: somebody's second factor is lost. */
  readonly factor_reset_requested: Personal & {
    readonly asker: string;
    readonly reason: string;
    readonly path: string;
    readonly expiresAt: Date;
  };
  /** To the asker. `answer`: what the administrator wrote to him, if anything. */
  readonly access_decided: Personal & {
    readonly state: 'approved' | 'approved_in_part' | 'denied' | 'expired';
    readonly application: Labels;
    readonly answer: string;
    readonly path: string;
  };
};

const LONGEST_QUOTE = 500;

/** An administrator's words to whoever asked him, shortened: the page has them whole. */
const quoted = (words: string): string =>
  words.length <= LONGEST_QUOTE ? words : `${words.slice(0, LONGEST_QUOTE).trimEnd()}…`;

export const requestLetters: LettersOf<RequestMails> = {
  access_requested: (values, say) => {
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
            [t('mail:access_requested.reason'), quotedWords(values.reason)],
          ],
        },
        action(t('mail:access_requested.button'), say.link(values.path)),
        small(t('mail:access_requested.expires', { date: say.date(values.expiresAt) })),
      ],
    };
  },

  factor_reset_requested: (values, say) => {
    const { t } = say;
    const names = { asker: quotedName(values.asker) };
    const reason: Block[] =
      values.reason === ''
        ? []
        : [{ kind: 'facts', rows: [[t('mail:factor_reset_requested.reason'), quotedWords(values.reason)]] }];
    return {
      subject: t('mail:factor_reset_requested.subject', names),
      name: values.name,
      blocks: [
        text(t('mail:factor_reset_requested.text', names)),
        ...reason,
        text(t('mail:factor_reset_requested.check')),
        action(t('mail:factor_reset_requested.button'), say.link(values.path)),
        small(t('mail:factor_reset_requested.expires', { date: say.date(values.expiresAt) })),
      ],
    };
  },

  access_decided: (values, say) => {
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
