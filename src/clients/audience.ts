// The audience of an application's access tokens: one absolute URI per application (RFC 8707 section 2, RFC 9068
// section 2.2). It names the application; nothing need answer there.

const PATH = '/applications/';

export const applicationAudience = (publicUrl: URL, application: string): string =>
  `${publicUrl.origin}${PATH}${encodeURIComponent(application)}`;

/** The audience of SCIM: of a directory's client, and of a person's own record at /Me. */
export const scimAudience = (publicUrl: URL): string => `${publicUrl.origin}/scim/v2`;

/** The key of the application, or undefined for a URI that is none of ours. */
export function applicationOfAudience(publicUrl: URL, audience: string): string | undefined {
  const prefix = `${publicUrl.origin}${PATH}`;
  if (!audience.startsWith(prefix)) return undefined;
  const key = audience.slice(prefix.length);
  return /^[a-z][a-z0-9_]*$/.test(key) ? key : undefined;
}
