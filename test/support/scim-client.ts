// A customer's directory that speaks to a running hub over HTTP, and how to read what it answers.
type ScimSource = { baseUrl: string; token: string };
export type ScimAnswer = { status: number; headers: Headers; body: ScimBody };
type ScimBody = { id?: string; totalResults?: number; Resources?: ScimBody[]; [attribute: string]: unknown };
export type ScimClient = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<ScimAnswer>;

/** `path` follows the base URL: `/Users?filter=...`. Rejects when the connection breaks before the answer is whole. */
export const scimClient =
  ({ baseUrl, token }: ScimSource): ScimClient =>
  async (method, path, body, headers = {}) => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? {} : (JSON.parse(text) as ScimBody),
    };
  };

/** A user as a directory sends him; `more` over it. */
export const newUser = (userName: string, more: object = {}) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName,
  externalId: `external ${userName}`,
  name: { givenName: 'Robin', familyName: userName },
  displayName: `Robin ${userName}`,
  emails: [{ value: `${userName}@noordzee-media.example`, type: 'work', primary: true }],
  active: true,
  ...more,
});

export const filterBy = (filter: string): string => `filter=${encodeURIComponent(filter)}`;
