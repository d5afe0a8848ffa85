// sortBy -> one SQL expression (RFC 7644 section 3.4.2.3): strings folded unless caseExact, in the order
// of code points; of a multi-valued attribute the primary value, else the first. PostgreSQL's own place
// for NULL is the RFC's: last when ascending, first when descending.
import { HubError } from '../errors.ts';
import type { ColumnMap } from './compile-filter.ts';
import type { Step, Target } from './filter-ast.ts';

/** The expression, without parameters; append the id, so that the order is total. */
export function compileSort(target: Target, map: ColumnMap): string {
  const column = map.columns.get(target.key);
  if (column?.kind === 'text' || column?.kind === 'uuid')
    return `(${column.sql}${column.kind === 'uuid' ? '::text' : ''}) COLLATE "C"`;
  if (column?.kind === 'boolean' || column?.kind === 'timestamp') return column.sql;
  if (column?.kind === 'constant') return `''::text`;
  const holder = target.key.slice(0, Math.max(0, target.key.lastIndexOf('.')));
  if (column || map.columns.has(holder) || target.type === 'complex')
    throw new HubError('invalid_input', `Resources cannot be sorted by ${target.key}.`);
  const json = value(map.document, target.steps);
  if (target.type === 'integer' || target.type === 'decimal')
    return `(CASE jsonb_typeof(${json}) WHEN 'number' THEN (${json} #>> '{}')::numeric END)`;
  return `(${json} #>> '{}') COLLATE "C"`;
}

function value(document: string, steps: readonly Step[]): string {
  let sql = document;
  for (const [position, step] of steps.entries()) {
    sql = `${sql} -> '${step.name.replaceAll("'", "''")}'`;
    if (!step.many) continue;
    const elements = `jsonb_array_elements(CASE jsonb_typeof(${sql}) WHEN 'array' THEN ${sql} ELSE '[]'::jsonb END)`;
    const inner = value('e.v', steps.slice(position + 1));
    // IS TRUE: an element without `primary` is as good as one where it is false.
    return `(SELECT ${inner} FROM ${elements} WITH ORDINALITY AS e(v, n) ORDER BY (e.v -> 'primary' = 'true'::jsonb) IS TRUE DESC, e.n LIMIT 1)`;
  }
  return `(${sql})`;
}
