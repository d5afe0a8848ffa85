// Resolved filter -> one parameterised SQL condition (RFC 7644 section 3.4.2.2). Values only ever become
// parameters; names come from schema definitions and column maps. It runs no query and adds no tenant
// condition: the statement around it does.
import type { ResolvedFilter, Step, Target } from './filter-ast.ts';
import { fold } from './fold.ts';

/** Where an attribute is kept outside the document, or besides it. All SQL here is the hub's own. */
export type Column =
  /** Text; folded by `fold` unless the attribute is caseExact. */
  | { readonly kind: 'text'; readonly sql: string }
  | { readonly kind: 'boolean'; readonly sql: string }
  | { readonly kind: 'timestamp'; readonly sql: string }
  /** Shown as the prefix and the UUID in lower case. */
  | { readonly kind: 'uuid'; readonly sql: string; readonly prefix?: string }
  | { readonly kind: 'constant'; readonly value: string }
  /** Elements kept as rows: those of `from` for which `where` holds; columns by sub-attribute. */
  | {
      readonly kind: 'elements';
      readonly from: string;
      readonly where: string;
      readonly columns: Readonly<Record<string, Column>>;
    };

/**
 * An indexed column for one correlated pair of equalities: the folded `value` of the first element of
 * `key` whose `type` is given. `more` is true for the rows in which that is not the only such element.
 */
type ElementColumn = {
  readonly key: string;
  readonly type: string;
  readonly sql: string;
  readonly more: string;
};

export type ColumnMap = {
  /** The jsonb that `foldDocument` made: `u.folded`. */
  readonly document: string;
  /** By the attribute's key. */
  readonly columns: ReadonlyMap<string, Column>;
  readonly elements?: readonly ElementColumn[];
};

type CompiledFilter = { readonly text: string; readonly values: readonly (string | number)[] };

/**
 * The condition, in parentheses where it needs them, with its values from `$first` on. It may be NULL,
 * which counts as false, so use it in WHERE only.
 */
export function compileFilter(filter: ResolvedFilter, map: ColumnMap, first = 1): CompiledFilter {
  const compiler = new Compiler(map, first);
  return { text: compiler.condition(filter, { kind: 'resource' }), values: compiler.values };
}

type Scope =
  | { readonly kind: 'resource' }
  | { readonly kind: 'element'; readonly sql: string }
  | { readonly kind: 'row'; readonly columns: Readonly<Record<string, Column>> };

type Compare = Extract<ResolvedFilter, { kind: 'compare' }>;
/** What is asked of one value: a comparison, or to be present. */
type Test = Compare | Extract<ResolvedFilter, { kind: 'present' }>;

const SIGNS = { eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=' } as const;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

class Compiler {
  readonly values: (string | number)[] = [];
  private readonly map: ColumnMap;
  private readonly first: number;
  private aliases = 0;

  constructor(map: ColumnMap, first: number) {
    this.map = map;
    this.first = first;
  }

  condition(filter: ResolvedFilter, scope: Scope): string {
    switch (filter.kind) {
      case 'and':
      case 'or': {
        const terms = filter.terms.map((term) => this.condition(term, scope));
        return `(${terms.join(filter.kind === 'and' ? ' AND ' : ' OR ')})`;
      }
      case 'not':
        // Not plain NOT: what is unknown counts as false, and its negation as true.
        return `(${this.condition(filter.term, scope)} IS NOT TRUE)`;
      case 'element':
        return this.element(filter, scope);
      default:
        return this.test(filter, scope);
    }
  }

  private element(filter: Extract<ResolvedFilter, { kind: 'element' }>, scope: Scope): string {
    const { key, steps } = filter.target;
    const rows = scope.kind === 'resource' ? this.map.columns.get(key) : undefined;
    if (rows?.kind === 'elements')
      return this.inRows(rows, () => this.condition(filter.filter, { kind: 'row', columns: rows.columns }));
    const inDocument = (): string =>
      this.walk(this.root(scope), steps, (sql) => this.condition(filter.filter, { kind: 'element', sql }));
    for (const column of this.map.elements ?? []) {
      const value = column.key === key && scope.kind === 'resource' ? pairedValue(filter.filter, column) : undefined;
      if (value !== undefined) return `(${column.sql} = ${this.text(value)} OR (${column.more} AND ${inDocument()}))`;
    }
    return inDocument();
  }

  private test(test: Test, scope: Scope): string {
    const { target } = test;
    if (scope.kind === 'row') {
      const column = scope.columns[target.steps[0]?.name ?? ''];
      return column ? this.onColumn(column, test) : 'FALSE';
    }
    if (scope.kind === 'resource') {
      const column = this.map.columns.get(target.key);
      if (column) return this.onColumn(column, test);
      const rows = this.rowsAbove(target);
      if (rows) {
        const inner = rows.columns[target.steps.at(-1)?.name ?? ''];
        return this.inRows(rows, () => (inner ? this.onColumn(inner, test) : 'FALSE'));
      }
    }
    return this.walk(this.root(scope), target.steps, (sql) => this.onJson(sql, test));
  }

  private rowsAbove(target: Target): Extract<Column, { kind: 'elements' }> | undefined {
    const dot = target.key.lastIndexOf('.');
    const column = dot < 0 ? undefined : this.map.columns.get(target.key.slice(0, dot));
    return column?.kind === 'elements' ? column : undefined;
  }

  private inRows(rows: Extract<Column, { kind: 'elements' }>, inner: () => string): string {
    return `EXISTS (SELECT 1 FROM ${rows.from} WHERE ${rows.where} AND ${inner()})`;
  }

  private root(scope: Scope): string {
    return scope.kind === 'element' ? scope.sql : this.map.document;
  }

  /** Follows the steps through the jsonb; each multi-valued one becomes an EXISTS over its elements. */
  private walk(sql: string, steps: readonly Step[], leaf: (sql: string) => string): string {
    let here = sql;
    for (const [position, step] of steps.entries()) {
      here = `${here} -> ${literal(step.name)}`;
      if (!step.many) continue;
      this.aliases += 1;
      const alias = `e${this.aliases}`;
      const elements = `jsonb_array_elements(CASE jsonb_typeof(${here}) WHEN 'array' THEN ${here} ELSE '[]'::jsonb END)`;
      const rest = this.walk(`${alias}.v`, steps.slice(position + 1), leaf);
      return `EXISTS (SELECT 1 FROM ${elements} AS ${alias}(v) WHERE ${rest})`;
    }
    return leaf(`(${here})`);
  }

  private onJson(sql: string, test: Test): string {
    const { type } = test.target;
    if (test.kind === 'present') {
      if (type === 'complex') return `(jsonb_typeof(${sql}) = 'object' AND ${sql} <> '{}'::jsonb)`;
      return `(jsonb_typeof(${sql}) <> 'null' AND ${sql} <> '""'::jsonb)`;
    }
    if (typeof test.value === 'boolean') return `${sql} = '${test.value}'::jsonb`;
    if (typeof test.value === 'number') {
      // CASE, so that the cast never sees what is not a number.
      const number = `(CASE jsonb_typeof(${sql}) WHEN 'number' THEN (${sql} #>> '{}')::numeric END)`;
      return `${number} ${this.sign(test)} ${this.parameter(String(test.value))}::numeric`;
    }
    return this.onText(`(${sql} #>> '{}')`, test);
  }

  private onColumn(column: Column, test: Test): string {
    switch (column.kind) {
      case 'elements':
        return this.inRows(column, () => 'TRUE');
      case 'constant':
        if (test.kind === 'present') return 'TRUE';
        return this.onText(this.text(test.target.caseExact ? column.value : fold(column.value)), test);
      case 'boolean':
        if (test.kind === 'present') return `${column.sql} IS NOT NULL`;
        return `${column.sql} = ${test.value === true ? 'TRUE' : 'FALSE'}`;
      case 'timestamp':
        if (test.kind === 'present') return `${column.sql} IS NOT NULL`;
        return `${column.sql} ${this.sign(test)} ${this.parameter(String(test.value))}::timestamptz`;
      case 'text':
        if (test.kind === 'present') return `${column.sql} <> ''`;
        return this.onText(column.sql, test);
      case 'uuid':
        return this.onUuid(column, test);
    }
  }

  private onUuid(column: Extract<Column, { kind: 'uuid' }>, test: Test): string {
    if (test.kind === 'present') return `${column.sql} IS NOT NULL`;
    const prefix = column.prefix ?? '';
    const value = String(test.value);
    if (test.operator === 'eq') {
      const uuid = value.startsWith(prefix) ? value.slice(prefix.length) : '';
      // Anything else equals no id; a cast of it would be an error instead of an empty result.
      return UUID.test(uuid) ? `${column.sql} = ${this.parameter(uuid)}::uuid` : 'FALSE';
    }
    const shown = prefix === '' ? `${column.sql}::text` : `(${this.text(prefix)} || ${column.sql}::text)`;
    return this.onText(shown, test);
  }

  private onText(sql: string, test: Test): string {
    if (test.kind === 'present') return `${sql} <> ''`;
    const value = String(test.value);
    switch (test.operator) {
      case 'co':
        return `${sql} LIKE ${this.text(`%${likeText(value)}%`)}`;
      case 'sw':
        return `${sql} LIKE ${this.text(`${likeText(value)}%`)}`;
      case 'ew':
        return `${sql} LIKE ${this.text(`%${likeText(value)}`)}`;
      default:
        return `${sql} ${this.sign(test)} ${this.text(value)}`;
    }
  }

  private sign(test: Compare): string {
    return test.operator in SIGNS ? SIGNS[test.operator as keyof typeof SIGNS] : '=';
  }

  /** A text parameter; the collation is the order of code points, on every engine the same. */
  private text(value: string): string {
    return `${this.parameter(value)}::text COLLATE "C"`;
  }

  private parameter(value: string): string {
    this.values.push(value);
    return `$${this.first + this.values.length - 1}`;
  }
}

/** The value x of `type eq "<column.type>" and value eq x`, in either order; undefined for all else. */
function pairedValue(filter: ResolvedFilter, column: ElementColumn): string | undefined {
  if (filter.kind !== 'and' || filter.terms.length !== 2) return undefined;
  const equal = (name: string): Compare | undefined =>
    filter.terms.find(
      (term): term is Compare =>
        term.kind === 'compare' && term.operator === 'eq' && term.target.key === `${column.key}.${name}`,
    );
  const value = equal('value')?.value;
  return equal('type')?.value === column.type && typeof value === 'string' ? value : undefined;
}

function likeText(value: string): string {
  return value.replace(/[\\%_]/g, '\\$&');
}

/** A name from a schema definition as a SQL literal. */
function literal(name: string): string {
  return `'${name.replaceAll("'", "''")}'`;
}
