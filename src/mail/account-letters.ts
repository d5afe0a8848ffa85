// The mails about a change of somebody's e-mail address, to both addresses, and about his deactivation.
import { quotedName } from './address.ts';
import { action, small, text, type LettersOf } from './letter.ts';
import { contact, facts, validity, whom, type Administrator, type LinkPart, type Personal } from './letter-parts.ts';

export type AccountMails = {
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
  readonly account_deactivated: Personal & { readonly administrators: readonly Administrator[] };
};

export const accountLetters: LettersOf<AccountMails> = {
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
