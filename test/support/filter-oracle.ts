// An independent reading of SCIM filters for the property test: it makes random terms, writes them as
// filter text, and decides by walking plain objects whether a resource matches. It shares no code with
// the parser, the resolver or the SQL; only `foldText` restates what "the same whatever the case" means.
import fc from 'fast-check';

export type Kind = 'text' | 'exact' | 'boolean' | 'number' | 'date';
export type Field = { readonly path: readonly string[]; readonly text: string; readonly kind: Kind };

type Term =
  | { readonly is: 'and' | 'or'; readonly terms: readonly Term[] }
  | { readonly is: 'not'; readonly term: Term }
  | { readonly is: 'pr'; readonly field: Field }
  | { readonly is: 'compare'; readonly field: Field; readonly op: string; readonly value: string | number | boolean }
  | { readonly is: 'some'; readonly list: string; readonly term: Term };

export type Resource = { readonly [name: string]: unknown };

function foldText(text: string): string {
  const once = (one: string): string => one.normalize('NFKC').toLowerCase().replace(/ς/g, 'σ').normalize('NFKC');
  return once(once(text));
}

const WORDS = [
  'a', 'A', 'ab', 'AB', 'b%', 'b_', '_', '%', '\\', 'a\\b', '"', "'", "';--", 'Ä', 'ä', 'ß', 'SS', 'İ', 'i', 'I', 'ı',
  'ΟΔΟΣ', 'οδος', 'οδ', '\u212a', 'k', '𝒳', 'x', 'ｆ', 'f', ' ', '{}', 'null', 'True', '€', '😀', '',
] as const; // prettier-ignore

const OPERATORS: Readonly<Record<Kind, readonly string[]>> = {
  text: ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'],
  exact: ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'],
  boolean: ['eq', 'ne'],
  number: ['eq', 'ne', 'gt', 'ge', 'lt', 'le'],
  date: ['eq', 'ne', 'gt', 'ge', 'lt', 'le'],
};

const INSTANTS = [
  '2024-02-29T12:00:00Z',
  '2024-02-29T13:00:00+01:00',
  '2024-02-29T12:00:00.001Z',
  '2024-03-01T00:00:00-05:00',
  '1999-12-31T23:59:59Z',
] as const;

export function valueOf(kind: Kind): fc.Arbitrary<string | number | boolean> {
  if (kind === 'boolean') return fc.boolean();
  if (kind === 'number') return fc.constantFrom(-1, 0, 1, 1.5, 10);
  if (kind === 'date') return fc.constantFrom(...INSTANTS);
  return fc.constantFrom(...WORDS);
}

function leaf(fields: readonly Field[]): fc.Arbitrary<Term> {
  return fc.constantFrom(...fields).chain((field) =>
    fc.oneof(
      { weight: 1, arbitrary: fc.constant<Term>({ is: 'pr', field }) },
      {
        weight: 4,
        arbitrary: fc
          .tuple(fc.constantFrom(...OPERATORS[field.kind]), valueOf(field.kind))
          .map(([op, value]): Term => ({ is: 'compare', field, op, value })),
      },
    ),
  );
}

function combined(base: fc.Arbitrary<Term>, depth: number): fc.Arbitrary<Term> {
  if (depth === 0) return base;
  const below = combined(base, depth - 1);
  const several = fc.array(below, { minLength: 2, maxLength: 3 });
  return fc.oneof(
    { weight: 3, arbitrary: base },
    { weight: 1, arbitrary: several.map((terms): Term => ({ is: 'and', terms })) },
    { weight: 1, arbitrary: several.map((terms): Term => ({ is: 'or', terms })) },
    { weight: 1, arbitrary: below.map((term): Term => ({ is: 'not', term })) },
  );
}

/** Random terms over the fields, and over the elements of the lists, whose fields are relative. */
export function terms(fields: readonly Field[], lists: Readonly<Record<string, readonly Field[]>>): fc.Arbitrary<Term> {
  const some = fc
    .constantFrom(...Object.keys(lists))
    .chain((list) => combined(leaf(lists[list] ?? []), 2).map((term): Term => ({ is: 'some', list, term })));
  return combined(fc.oneof({ weight: 3, arbitrary: leaf(fields) }, { weight: 1, arbitrary: some }), 2);
}

/** The term as filter text; parentheses only where precedence asks for them. */
export function write(term: Term, above: 'or' | 'and' | 'top' = 'top'): string {
  switch (term.is) {
    case 'pr':
      return `${term.field.text} pr`;
    case 'compare':
      return `${term.field.text} ${term.op} ${JSON.stringify(term.value)}`;
    case 'not':
      return `not (${write(term.term)})`;
    case 'some':
      return `${term.list}[${write(term.term)}]`;
    default: {
      const text = term.terms.map((one) => write(one, term.is)).join(` ${term.is} `);
      return above === 'and' && term.is === 'or' ? `(${text})` : text;
    }
  }
}

export function matches(term: Term, resource: unknown): boolean {
  switch (term.is) {
    case 'and':
      return term.terms.every((one) => matches(one, resource));
    case 'or':
      return term.terms.some((one) => matches(one, resource));
    case 'not':
      return !matches(term.term, resource);
    case 'some':
      return valuesAt(resource, [term.list]).some((element) => matches(term.term, element));
    case 'pr':
      return valuesAt(resource, term.field.path).some(isPresent);
    case 'compare': {
      const equalOnly = term.op === 'ne' ? 'eq' : term.op;
      const any = valuesAt(resource, term.field.path).some((value) =>
        holds(term.field.kind, value, equalOnly, term.value),
      );
      return term.op === 'ne' ? !any : any;
    }
  }
}

function valuesAt(from: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(from)) return from.flatMap((one: unknown) => valuesAt(one, path));
  const [name, ...rest] = path;
  if (name === undefined) return from === undefined || from === null ? [] : [from];
  return from !== null && typeof from === 'object' ? valuesAt((from as Resource)[name], rest) : [];
}

function isPresent(value: unknown): boolean {
  if (value !== null && typeof value === 'object') return Object.keys(value).length > 0;
  return value !== '';
}

function holds(kind: Kind, value: unknown, op: string, wanted: string | number | boolean): boolean {
  if (kind === 'boolean') return value === wanted;
  if (kind === 'number') return ordered(Number(value) - Number(wanted), op);
  if (kind === 'date') return ordered(Date.parse(String(value)) - Date.parse(String(wanted)), op);
  const [left, right] =
    kind === 'exact' ? [String(value), String(wanted)] : [foldText(String(value)), foldText(String(wanted))];
  if (op === 'co') return left.includes(right);
  if (op === 'sw') return left.startsWith(right);
  if (op === 'ew') return left.endsWith(right);
  return ordered(Buffer.compare(Buffer.from(left), Buffer.from(right)), op);
}

function ordered(difference: number, op: string): boolean {
  const table: Readonly<Record<string, boolean>> = {
    eq: difference === 0,
    gt: difference > 0,
    ge: difference >= 0,
    lt: difference < 0,
    le: difference <= 0,
  };
  return table[op] ?? false;
}
