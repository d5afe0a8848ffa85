// Clients that have not ended, by id.
import { query } from '../database/query.ts';
import { CLIENT_COLUMNS, clientOf, type Client, type ClientRow } from './find-client.ts';

/** With an organization: those of its service users only; without: all, the hub's own included. */
export async function listClients(organizationId: string | null): Promise<Client[]> {
  const rows = await query<ClientRow>(
    `select ${CLIENT_COLUMNS} from clients where ended_at is null and ($1::uuid is null or organization_id = $1) order by client_id`,
    [organizationId],
  );
  return rows.map(clientOf);
}
