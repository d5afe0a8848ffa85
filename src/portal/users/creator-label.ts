// Who made a record, as a person reads it: the username of a colleague, the name of a directory, the operator.
import type { Translate } from '../../texts.ts';
import type { Creator } from '../../users/listed-user.ts';

export function creatorLabel({ kind, label }: Creator, t: Translate): string {
  if (kind === 'operator') return t('users:creator.operator');
  return kind === 'system' ? t('users:creator.hub') : label;
}
