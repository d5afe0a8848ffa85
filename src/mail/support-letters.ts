// To the chief administrators and to the one concerned: the operator's support may act for an administrator.
import { quotedName } from './address.ts';
import { action, text, type Letter, type Say } from './letter.ts';
import type { Personal } from './letter-parts.ts';

export type SupportMails = {
  /** `who`: the administrator for whom support may act; `by`: the chief who let it. */
  readonly support_opened: Personal & {
    readonly who: string;
    readonly by: string;
    readonly until: Date;
    readonly path: string;
  };
};

export const supportLetters = {
  support_opened: (values: SupportMails['support_opened'], say: Say): Letter => {
    const organization = quotedName(values.organization);
    return {
      subject: say.t('mail:support_opened.subject', { organization }),
      name: values.name,
      blocks: [
        text(say.t('mail:support_opened.text', { organization, brand: say.brand })),
        {
          kind: 'facts',
          rows: [
            [say.t('mail:support_opened.who'), quotedName(values.who)],
            [say.t('mail:support_opened.by'), quotedName(values.by)],
            [say.t('mail:support_opened.until'), say.date(values.until)],
          ],
        },
        text(say.t('mail:support_opened.next')),
        action(say.t('mail:support_opened.button'), say.link(values.path)),
      ],
    };
  },
};
