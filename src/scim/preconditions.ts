// ETags and preconditions (RFC 7644 section 3.14, RFC 9110 section 13). A version is a whole number in a weak tag.
import { ScimError } from './errors.ts';

export const etagOf = (version: number): string => `W/"${version}"`;

/** Weak comparison: W/ counts for nothing (RFC 9110 section 8.8.3.2). */
function names(header: string, version: number): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//i, '');
  return header.trim() === '*' || header.split(',').some((tag) => bare(tag) === `"${version}"`);
}

/** Throws 412 unless the client's version is the one that stands. */
export function checkIfMatch(header: string | undefined, version: number): void {
  if (header !== undefined && !names(header, version)) {
    throw new ScimError(
      412,
      undefined,
      `The resource has changed: its version is ${etagOf(version)}, If-Match names another.`,
    );
  }
}

/** The client has this very version. */
export const isUnchanged = (header: string | undefined, version: number): boolean =>
  header !== undefined && names(header, version);
