// Makes and renames a group as an administrator does it: only groups that no directory fills are his to change.
import type { OrganizationCtx } from '../context.ts';
import { transaction } from '../database/transaction.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';
import { HubError } from '../errors.ts';
import { checkText } from '../organizations/check-settings.ts';
import { GROUP_SCHEMA } from '../provisioning/schemas.ts';
import { changeGroup } from './change-group.ts';
import { createGroup } from './create-group.ts';
import { findGroup, groupNotFound } from './find-group.ts';
import { readGroupDetails } from './group-pages.ts';
import type { GroupRecord } from './group-record.ts';

const MAX_NAME = 256;

/** Throws HubError `not_permitted`, `invalid_input`. */
export async function createOwnGroup(ctx: OrganizationCtx, { name }: { readonly name: string }): Promise<GroupRecord> {
  await checkAdministers(ctx);
  checkText('name', name, MAX_NAME);
  return createGroup(ctx, { schemas: [GROUP_SCHEMA], displayName: name.trim() });
}

/** Throws HubError `not_found`, `not_permitted`, `directory_owned`, `invalid_input`, `conflict`. */
export function renameOwnGroup(ctx: OrganizationCtx, id: string, name: string): Promise<GroupRecord> {
  return transaction(async () => {
    const group = await readGroupDetails(ctx, id);
    if (!group) throw groupNotFound(id);
    if (group.connectionId !== null)
      throw new HubError('directory_owned', 'A directory fills this group: only there its name can be changed.');
    checkText('name', name, MAX_NAME);
    if (name.trim() === group.name) return findGroup(ctx, group.id);
    return changeGroup(ctx, group.id, {
      document: (document) => ({ ...document, displayName: name.trim() }),
      steps: [],
    });
  });
}
