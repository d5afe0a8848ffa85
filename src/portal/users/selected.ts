// Who was chosen in the list of users for an act on several people: the ticked ones, or all that the filter finds.
import type { OrganizationCtx } from '../../context.ts';
import { HubError } from '../../errors.ts';
import { eachUser } from '../../users/list-users.ts';
import type { ListedUser } from '../../users/listed-user.ts';
import { listedUsers } from '../../users/listed-users.ts';
import { formFields, formValues } from '../../web/refusal.ts';
import { readFilter } from './list-query.ts';

/** Throws HubError `too_many` with details.most, `not_permitted`. */
export async function selectedUsers(ctx: OrganizationCtx, body: unknown, most: number): Promise<ListedUser[]> {
  const tooMany = () => new HubError('too_many', `At most ${most} people in one go.`, { most });
  const fields = formFields(body);
  if (fields['all'] !== 'yes') {
    const ticked = formValues(body, 'user');
    if (ticked.length > most) throw tooMany();
    return listedUsers(ctx, ticked);
  }
  const found: ListedUser[] = [];
  for await (const chunk of eachUser(ctx, readFilter(fields))) {
    found.push(...chunk);
    if (found.length > most) throw tooMany();
  }
  return found;
}
