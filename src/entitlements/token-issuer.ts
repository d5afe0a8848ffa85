// The issuer whose name stands in the type of each authorization detail (RFC 9396 section 2): one per process.
let current: string | undefined;

/** Call once at start, with the `issuer` of the OpenID provider. */
export function setTokenIssuer(issuer: string): void {
  current = issuer;
}

/** A programming error before setTokenIssuer. */
export function tokenIssuer(): string {
  if (!current) throw new Error('The token issuer is not set');
  return current;
}
