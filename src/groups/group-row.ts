// One group's row, computed from its document (RFC 7643 section 4.2 without members).
import type { Document } from '../provisioning/attribute.ts';
import { GROUP_ATTRIBUTES } from '../provisioning/attribute-index.ts';
import { fold, foldDocument } from '../provisioning/fold.ts';

type GroupRow = {
  displayName: string;
  displayNameKey: string;
  externalId: string | null;
  document: string;
  folded: string;
};

export function groupRow(document: Document): GroupRow {
  const displayName = String(document['displayName']);
  const externalId = document['externalId'];
  return {
    displayName,
    displayNameKey: fold(displayName),
    externalId: typeof externalId === 'string' ? externalId : null,
    document: JSON.stringify(document),
    folded: JSON.stringify(foldDocument(document, GROUP_ATTRIBUTES)),
  };
}
