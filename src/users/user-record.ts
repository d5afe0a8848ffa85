// A user as the domain hands it out.
import type { Document } from '../provisioning/attribute.ts';

export type UserRecord = {
  id: string;
  /** RFC 7644 section 3.14; grows by one with each change of the document. */
  version: number;
  active: boolean;
  createdAt: Date;
  updatedAt: Date;
  document: Document;
};

/** Columns that make a UserRecord, of users `u`. */
export const USER_COLUMNS =
  'u.id, u.version, u.active, u.created_at as "createdAt", u.updated_at as "updatedAt", u.document';
