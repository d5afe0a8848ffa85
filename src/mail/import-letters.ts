// The mail to whoever uploaded a file of users.
import { quotedName } from './address.ts';
import { action, text, type LettersOf } from './letter.ts';
import type { Personal } from './letter-parts.ts';

export type ImportMails = {
  /** To whoever uploaded a file of users: it has been worked off, or stopped because he may not create users any more. */
  readonly import_finished: Personal & {
    readonly fileName: string;
    readonly created: number;
    readonly refused: number;
    readonly stopped: boolean;
    readonly path: string;
  };
};

export const importLetters: LettersOf<ImportMails> = {
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
