// A group as the domain hands it out; its members are read apart (read-members.ts), since there may be 100,000.
import type { Document } from '../provisioning/attribute.ts';

export type GroupRecord = {
  id: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  /** The SCIM attributes without id, meta and members. */
  document: Document;
};

export const GROUP_COLUMNS = 'g.id, g.version, g.created_at as "createdAt", g.updated_at as "updatedAt", g.document';
