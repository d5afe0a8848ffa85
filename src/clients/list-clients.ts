// Clients that have not ended, by id.
import { Op } from 'sequelize';
import { ClientModel } from '../database/models/client.ts';
import { clientOf, type Client } from './find-client.ts';

/** With an organization: those of its service users only; without: all, the hub's own and the directories' included. */
export async function listClients(organizationId: string | null): Promise<Client[]> {
  const own = organizationId === null ? {} : { organizationId, serviceUserId: { [Op.not]: null } };
  const clients = await ClientModel.findAll({ where: { ...own, endedAt: null }, order: ['clientId'] });
  return clients.map(clientOf);
}
