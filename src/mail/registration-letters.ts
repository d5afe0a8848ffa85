// The mails about a company that asks to be admitted: to its asker, and to those whose number it gave.
import type { Labels } from '../applications/application.ts';
import { quotedName } from './address.ts';
import { action, small, text, type LettersOf } from './letter.ts';
import { contact, validity, type LinkPart, type Personal } from './letter-parts.ts';

export type RegistrationMails = {
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
};

export const registrationLetters: LettersOf<RegistrationMails> = {
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
};
