// What is wrong with a row or a whole file, in the reader's words.
import type { Catalogue, Language } from '../../applications/application.ts';
import type { OrganizationCtx } from '../../context.ts';
import { actingAccounts, resourcesOf } from '../../entitlements/acting-accounts.ts';
import { loadActing } from '../../entitlements/acting.ts';
import { FIELDS } from '../../imports/columns.ts';
import type { FileFault } from '../../imports/file-fault.ts';
import type { MissingPart, RowFault } from '../../imports/import-record.ts';
import type { Texts, Translate } from '../../texts.ts';
import type { Fault } from '../../web/refusal.ts';
import { wordsFor, type Words } from '../rights/words.ts';

/** A refusal of the hub about a group, role or right has the sentence of its code, and names what is lacking. */
export function rowFaultText(fault: RowFault, texts: Texts, words: Words): string {
  const { t } = words;
  const more = [
    ...(fault.between ? [t('rights:fault.together', { between: fault.between })] : []),
    ...(fault.missing ?? []).map((part) =>
      t('rights:fault.missing', { box: partText(part, words), account: words.accountOf(part.customerAccountId).title }),
    ),
  ];
  return [reasonText(fault, texts, t), ...more].join(' ');
}

function partText({ application: key, customerAccountId, lists }: MissingPart, words: Words): string {
  const application = words.catalogue.get(key);
  const order = application?.dimensions ?? [];
  const sorted = lists.toSorted((a, b) => order.indexOf(a.dimension) - order.indexOf(b.dimension));
  const named = sorted.map(({ dimension, values, more }) => {
    const shown = (application ? words.namesOf(application, customerAccountId, dimension, values) : values).join(', ');
    const list = more > 0 ? words.t('rights:and_more', { values: shown, count: more }) : shown;
    return `${words.t(`rights:list.${dimension}`)}: ${list}`;
  });
  return [words.applicationOf(key), ...named].join('; ');
}

/** Words that know every customer account and contract that these faults name. */
export async function faultWords(
  ctx: OrganizationCtx,
  faults: readonly RowFault[],
  given: { readonly catalogue: Catalogue; readonly language: Language; readonly t: Translate },
): Promise<Words> {
  const named = [...new Set(faults.flatMap(({ missing = [] }) => missing.map((part) => part.customerAccountId)))];
  if (named.length === 0) return wordsFor({ ...given, accounts: [], resources: [] });
  const acting = await loadActing(ctx);
  return wordsFor({
    ...given,
    accounts: await actingAccounts(acting),
    resources: await resourcesOf(acting, named),
  });
}

function reasonText({ path, code, name, line }: RowFault, texts: Texts, t: Translate): string {
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
const columnNames = (t: Translate): string => TEMPLATE_COLUMNS.map((field) => t(`imports:column.${field}`)).join(', ');

/** What the template offers; a note is only what our own file of errors adds. */
export const TEMPLATE_COLUMNS = FIELDS.filter((field) => field !== 'note');
