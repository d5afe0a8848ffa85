// Makes a person as an administrator does it: his record, the administration rights that go with it and his way in, in
// one transaction. Either a link by mail with which he chooses his own password, or none: then the caller gives a temporary
// one. Rights in applications are a separate act; a new person has none.
import type { OrganizationCtx } from '../context.ts';
import { inviteUser } from '../credentials/invite-user.ts';
import { transaction } from '../database/transaction.ts';
import { checkManagesUsers } from '../entitlements/acting.ts';
import { changeAdministrationRights, type WantedRight } from '../entitlements/change-administration-rights.ts';
import { findOrganization } from '../organizations/find-organization.ts';
import { createUser } from './create-user.ts';
import { checkDetails, newDocument, trimmed, type PersonDetails } from './person-details.ts';

type NewPerson = {
  readonly details: PersonDetails;
  readonly rights: readonly WantedRight[];
  /** Sends the invitation. */
  readonly invite: boolean;
};

/**
 * Answers the new user's id. Throws HubError `not_permitted`, `invalid_input` (details.issues, see checkDetails),
 * `uniqueness`, and what giving administration rights and inviting throw.
 */
export function createPerson(ctx: OrganizationCtx, { details, rights, invite }: NewPerson): Promise<string> {
  return transaction(async () => {
    await checkManagesUsers(ctx);
    const { settings } = await findOrganization(ctx, ctx.organizationId);
    const clean = trimmed(details);
    checkDetails(clean, settings.username);
    const { id } = await createUser(ctx, { document: newDocument(clean) });
    await changeAdministrationRights(ctx, id, rights);
    if (invite) await inviteUser(ctx, { userId: id });
    return id;
  });
}
