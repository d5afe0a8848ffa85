// What is wrong with a row or a whole file, in the reader's words.
import { FIELDS } from '../../imports/columns.ts';
import type { FileFault } from '../../imports/file-fault.ts';
import type { RowFault } from '../../imports/import-record.ts';
import type { Texts, Translate } from '../../texts.ts';
import type { Fault } from '../../web/refusal.ts';

/** A refusal of the hub about a group, role or right has the sentence of its code. */
export function rowFaultText({ path, code, name, line }: RowFault, texts: Texts, t: Translate): string {
  const own = `imports:row.${code}`;
  if (texts.has('en', own)) return t(own, { name, line });
  const field = `users:fault.${path}.${code}`;
  if (texts.has('en', field)) return t(field);
  const reason = t(`reasons:${code}`, { retryAfter: 86_400 });
  return name === undefined ? reason : t('imports:row_named', { name, reason });
}

export const fileFaultLine = ({ code, line, name }: FileFault, t: Translate): Fault => ({
  key: `imports:file.${code}`,
  values: {
    line,
    name: TEMPLATE_COLUMNS.some((one) => one === name) ? t(`imports:column.${name}`) : name,
    columns: columnNames(t),
  },
  field: 'file',
});

/** The columns as the template has them, in the reader's language. */
export const columnNames = (t: Translate): string =>
  TEMPLATE_COLUMNS.map((field) => t(`imports:column.${field}`)).join(', ');

/** What the template offers; a note is only what our own file of errors adds. */
export const TEMPLATE_COLUMNS = FIELDS.filter((field) => field !== 'note');
