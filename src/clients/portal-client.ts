// The portal's own registration at the provider: it asks for a sign-in and gets no code, since it shares the
// provider's origin and session.
import { query } from '../database/query.ts';

export const PORTAL_CLIENT_ID = 'portal';
export const portalRedirectUri = (publicUrl: URL): string => `${publicUrl.origin}/portal/signed-in`;
export const portalSignedOutUri = (publicUrl: URL): string => `${publicUrl.origin}/`;

/** Call at each start: the address may have changed. */
export async function ensurePortalClient(publicUrl: URL, name: string): Promise<void> {
  const metadata = {
    application_type: 'web',
    grant_types: [],
    response_types: ['none'],
    redirect_uris: [portalRedirectUri(publicUrl)],
    post_logout_redirect_uris: [portalSignedOutUri(publicUrl)],
    token_endpoint_auth_method: 'none',
  };
  await query(
    `insert into clients (client_id, name, metadata) values ($1, $2, $3)
     on conflict (client_id) do update set name = excluded.name, metadata = excluded.metadata`,
    [PORTAL_CLIENT_ID, name, JSON.stringify(metadata)],
  );
}
