// Where each application lives: the origin of its web client, for tiles that lead there.
import { query } from '../database/query.ts';

/** Origins by the application's key; the youngest client counts. */
export async function applicationAddresses(): Promise<Map<string, string>> {
  const rows = await query<{ application: string; uri: string }>(
    `select application, metadata -> 'redirect_uris' ->> 0 as uri from clients
     where application is not null and ended_at is null and metadata ->> 'application_type' = 'web' and metadata -> 'redirect_uris' ->> 0 is not null
     order by created_at`,
  );
  return new Map(rows.map(({ application, uri }) => [application, new URL(uri).origin]));
}
