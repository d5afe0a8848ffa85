// The body of a provisioning request as people may read it later: without secrets, and short.

const LONGEST = 4000;
const HIDDEN = '(hidden)';
const SECRET = /^(?:.*[.:])?(?:password|secret|token)$/i;

/** A PATCH operation names what it sets beside the value. */
const namesSecret = (holder: object): boolean => {
  const path = Object.entries(holder).find(([name]) => name.toLowerCase() === 'path')?.[1] as unknown;
  return typeof path === 'string' && SECRET.test(path);
};

/** JSON text of at most 4,000 characters, or null where there was no body. */
export function redactedBody(body: unknown): string | null {
  if (body === undefined) return null;
  const text = JSON.stringify(body, function (this: object, name: string, value: unknown) {
    if (SECRET.test(name) || (name.toLowerCase() === 'value' && namesSecret(this))) return HIDDEN;
    return value;
  });
  return (text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text).toWellFormed();
}
