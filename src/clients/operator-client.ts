// The registration of the operator's pages at the provider, beside the portal's: a sign-in for them is asked for with a
// second factor.
import { query } from '../database/query.ts';
import { portalSignedOutUri } from './portal-client.ts';

export const OPERATOR_CLIENT_ID = 'operator';
export const operatorRedirectUri = (publicUrl: URL): string => `${publicUrl.origin}/operator/signed-in`;

/** Call at each start: the address may have changed. */
export async function ensureOperatorClient(publicUrl: URL, name: string): Promise<void> {
  const metadata = {
    application_type: 'web',
    grant_types: [],
    response_types: ['none'],
    redirect_uris: [operatorRedirectUri(publicUrl)],
    post_logout_redirect_uris: [portalSignedOutUri(publicUrl)],
    token_endpoint_auth_method: 'none',
  };
  await query(
    `insert into clients (client_id, name, metadata) values ($1, $2, $3)
     on conflict (client_id) do update set name = excluded.name, metadata = excluded.metadata`,
    [OPERATOR_CLIENT_ID, name, JSON.stringify(metadata)],
  );
}
