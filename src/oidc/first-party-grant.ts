// Our applications are first party: what they ask for is granted without a question. One grant per session and client, so
// that signing out, or a stolen refresh token, ends what hangs on this session and nothing else of the person's.
import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { SCOPES } from './resource-servers.ts';

/** oidc-provider's `loadExistingGrant`. */
export async function loadFirstPartyGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { oidc } = ctx;
  const { client, account, session, provider } = oidc;
  if (!client || !account || !session) return undefined;
  const asked = [...oidc.requestParamScopes].filter((scope) => SCOPES.includes(scope)).join(' ');
  const known = await existing(ctx);
  // A grant with offline_access lives longer than its session: it is another grant.
  const reusable = known && known.getOIDCScope().includes('offline_access') === asked.includes('offline_access');
  const grant = reusable ? known : new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  const before = JSON.stringify([grant.openid, grant.resources]);
  if (asked !== '') grant.addOIDCScope(asked);
  for (const resource of Object.keys(oidc.resourceServers ?? {}))
    if (asked !== '') grant.addResourceScope(resource, asked);
  if (!reusable || JSON.stringify([grant.openid, grant.resources]) !== before) await grant.save();
  return grant;
}

async function existing({ oidc }: KoaContextWithOIDC): Promise<Grant | undefined> {
  const id = oidc.client && oidc.session?.grantIdFor(oidc.client.clientId);
  const grant = id === undefined ? undefined : await oidc.provider.Grant.find(id);
  return grant && grant.accountId === oidc.account?.accountId ? grant : undefined;
}
