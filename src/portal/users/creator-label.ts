// Who made a record, as a person reads it: the username of a colleague, the name of a directory, the operator, his support for a colleague.
import type { Translate } from '../../texts.ts';
import type { Creator } from '../../users/listed-user.ts';

export function creatorLabel({ kind, label, actedBy }: Creator, t: Translate): string {
  if (actedBy) return t('support:by', { staff: actedBy.label, name: label });
  if (kind === 'operator') return t('users:creator.operator');
  return kind === 'system' ? t('users:creator.hub') : label;
}
