// What this interface refuses by itself, before the domain is asked.
import type { Problem } from '../web/problem.ts';

/** `headers` go out with the problem (RFC 6750 section 3, RFC 9110 section 15.5.6). */
export class RequestProblem extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(problem: Problem, headers: Record<string, string> = {}) {
    super(problem.detail);
    this.name = 'RequestProblem';
    this.problem = problem;
    this.headers = headers;
  }
}

export type Issue = { readonly path: string; readonly message: string };

export const invalidInput = (issues: readonly Issue[]): RequestProblem => {
  const count = issues.length === 1 ? 'one fault' : `${issues.length} faults`;
  return new RequestProblem({
    status: 400,
    code: 'invalid_input',
    detail: `The request has ${count}; see details.issues.`,
    details: { issues },
  });
};

export const badBody = (status: 400 | 413 | 415, detail: string): RequestProblem =>
  new RequestProblem({ status, code: 'invalid_request', detail });
