// By which way a right came, in the reader's words: who gave it, when, through which groups and role.
import type { Cause } from '../../entitlements/effective.ts';
import type { Translate } from '../../texts.ts';

export function byOf({ kind, label, actedBy }: Cause['givenBy'], t: Translate): string {
  if (actedBy) return t('support:by', { staff: actedBy.label, name: label });
  return kind === 'operator' ? t('rights:why.operator') : label;
}

export const wayOf = ({ givenBy, givenAt, groupPath, role }: Cause, t: Translate) => ({
  by: byOf(givenBy, t),
  givenAt: new Date(givenAt),
  groups: groupPath.map(({ name }) => name),
  role: role?.name,
});
