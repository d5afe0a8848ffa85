// The mails that tell somebody what happened to his password, second factor and sessions.
import { quotedName } from './address.ts';
import { action, text, type LettersOf } from './letter.ts';
import { contact, facts, type Personal } from './letter-parts.ts';

export type SecurityMails = {
  readonly password_changed: Personal & { readonly at: Date };
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
};

export const securityLetters: LettersOf<SecurityMails> = {
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
};
