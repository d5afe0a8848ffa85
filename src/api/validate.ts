// What came with a request against an operation's schemas: every fault at once, each with its path.
import { z } from 'zod';
import type { Operation } from './operation.ts';
import { invalidInput, type Issue } from './problems.ts';

const MOST_ISSUES = 100;
const joined = (path: readonly PropertyKey[]): string => path.map(String).join('.');

/** A union's faults are those of its one branch of the right kind, where there is one. */
function issuesOf(issue: z.core.$ZodIssue, prefix: readonly PropertyKey[]): Issue[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: joined([...path, key]), message: 'is not known here' }));
  }
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.filter((branch) => branch.every(({ path: at }) => at.length > 0));
    const [only] = inner;
    if (only && inner.length === 1) return only.flatMap((one) => issuesOf(one, path));
  }
  return [{ path: joined(path), message: sentence(issue) }];
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is required';
  return issue.message;
}

function checked(
  schema: z.ZodType,
  input: unknown,
  prefix: readonly PropertyKey[],
): { data?: unknown; issues: Issue[] } {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return { data: parsed.data, issues: [] };
  return { issues: parsed.error.issues.flatMap((issue) => issuesOf(issue, prefix)) };
}

/** A parameter that stands twice is a list, which no schema takes. */
function queryObject(search: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(search.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const all = search.getAll(name);
      return [name, all.length === 1 ? (all[0] as string) : all];
    }),
  );
}

type Valid = { readonly query: unknown; readonly body: unknown };

/** Throws RequestProblem `invalid_input` with details.issues; the paths of the query begin with `query`. */
export function validate(operation: Operation, search: URLSearchParams, body: unknown): Valid {
  const query = checked(operation.query ?? z.strictObject({}), queryObject(search), ['query']);
  const content = operation.body
    ? checked(operation.body, body ?? {}, [])
    : { data: undefined, issues: unwanted(body) };
  const issues = [...query.issues, ...content.issues];
  if (issues.length > 0) throw invalidInput(issues.slice(0, MOST_ISSUES));
  return { query: operation.query ? query.data : undefined, body: content.data };
}

const unwanted = (body: unknown): Issue[] => {
  const isEmpty =
    body === undefined ||
    (typeof body === 'object' && body !== null && !Array.isArray(body) && Object.keys(body).length === 0);
  return isEmpty ? [] : [{ path: '', message: 'takes no body' }];
};
