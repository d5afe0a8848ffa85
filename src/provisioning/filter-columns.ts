// Where users and groups keep the attributes that are not, or not only, in their document: the column
// maps that compile-filter.ts and compile-sort.ts read. Aliases: `u` users, `g` groups.
import type { Column, ColumnMap } from './compile-filter.ts';

type ColumnSettings = {
  /** Base URL of the resources' addresses, without a slash at its end. */
  readonly baseUrl: string;
  /** SQL for the row's entity tag exactly as `meta.version` shows it. */
  readonly version: string;
  /**
   * SQL that is true for a row of `users` or `groups` under that alias which the reader may see: what a
   * filter can tell about the groups, members and managers of others is what reading would show.
   */
  readonly visible?: (alias: string) => string;
};

const MANAGER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';

function common(alias: 'u' | 'g', type: 'User' | 'Group', settings: ColumnSettings): [string, Column][] {
  return [
    ['id', { kind: 'uuid', sql: `${alias}.id` }],
    ['externalId', { kind: 'text', sql: `${alias}.external_id` }],
    ['displayName', { kind: 'text', sql: `${alias}.display_name_key` }],
    ['meta', { kind: 'constant', value: type }],
    ['meta.resourceType', { kind: 'constant', value: type }],
    ['meta.created', { kind: 'timestamp', sql: `${alias}.created_at` }],
    ['meta.lastModified', { kind: 'timestamp', sql: `${alias}.updated_at` }],
    ['meta.location', { kind: 'uuid', sql: `${alias}.id`, prefix: `${settings.baseUrl}/${type}s/` }],
    ['meta.version', { kind: 'text', sql: settings.version }],
  ];
}

/**
 * Users. `user_name_key`, `display_name_key` hold `fold` of the attribute, null where it has no value;
 * `work_email_key` that of the first e-mail address of type "work". For the rows with more of those, an
 * index on (organization_id) WHERE the `more` condition below keeps the look-up quick.
 */
export function userColumns(settings: ColumnSettings): ColumnMap {
  const base = literal(settings.baseUrl);
  const shown = (alias: string): string => live(alias, settings);
  const manager = (sql: string): Column => ({
    kind: 'text',
    sql: `(SELECT ${sql} FROM users fm WHERE fm.organization_id = u.organization_id AND fm.id = u.manager_id AND ${shown('fm')})`,
  });
  // Direct and, through nesting, indirect ones; a direct membership counts first where both hold.
  const groups = `(WITH RECURSIVE fm(group_id, direct) AS (
      SELECT m.group_id, TRUE FROM group_users m WHERE m.organization_id = u.organization_id AND m.user_id = u.id
      UNION SELECT n.parent_id, FALSE FROM fm JOIN group_groups n ON n.organization_id = u.organization_id AND n.child_id = fm.group_id
    ) SELECT group_id, bool_or(direct) AS direct FROM fm GROUP BY group_id) fu
    JOIN groups fg ON fg.organization_id = u.organization_id AND fg.id = fu.group_id`;
  const columns: [string, Column][] = [
    ...common('u', 'User', settings),
    ['userName', { kind: 'text', sql: 'u.user_name_key' }],
    ['active', { kind: 'boolean', sql: 'u.active' }],
    [
      'groups',
      {
        kind: 'elements',
        from: groups,
        where: shown('fg'),
        columns: {
          value: { kind: 'uuid', sql: 'fg.id' },
          $ref: { kind: 'uuid', sql: 'fg.id', prefix: `${settings.baseUrl}/Groups/` },
          display: { kind: 'text', sql: 'fg.display_name_key' },
          type: { kind: 'text', sql: `CASE WHEN fu.direct THEN 'direct' ELSE 'indirect' END` },
        },
      },
    ],
    [`${MANAGER}.$ref`, manager(`${base} || '/Users/' || fm.id::text`)],
    [`${MANAGER}.displayName`, manager('COALESCE(fm.display_name_key, fm.user_name_key)')],
  ];
  return {
    document: 'u.folded',
    columns: new Map(columns),
    elements: [{ key: 'emails', type: 'work', sql: 'u.work_email_key', more: 'u.many_work_emails' }],
  };
}

/** Groups. `display_name_key` holds `fold` of displayName. */
export function groupColumns(settings: ColumnSettings): ColumnMap {
  const base = literal(settings.baseUrl);
  const shown = (alias: string): string => live(alias, settings);
  const members = `(
    SELECT m.user_id AS id, 'User' AS type, COALESCE(fu.display_name_key, fu.user_name_key) AS display
    FROM group_users m JOIN users fu ON fu.organization_id = m.organization_id AND fu.id = m.user_id AND ${shown('fu')}
    WHERE m.organization_id = g.organization_id AND m.group_id = g.id
    UNION ALL SELECT m.child_id, 'Group', fg.display_name_key
    FROM group_groups m JOIN groups fg ON fg.organization_id = m.organization_id AND fg.id = m.child_id AND ${shown('fg')}
    WHERE m.organization_id = g.organization_id AND m.parent_id = g.id
  ) gm`;
  const columns: [string, Column][] = [
    ...common('g', 'Group', settings),
    [
      'members',
      {
        kind: 'elements',
        from: members,
        where: 'TRUE',
        columns: {
          value: { kind: 'uuid', sql: 'gm.id' },
          $ref: { kind: 'text', sql: `(${base} || '/' || gm.type || 's/' || gm.id::text)` },
          display: { kind: 'text', sql: 'gm.display' },
          type: { kind: 'text', sql: 'lower(gm.type)' },
        },
      },
    ],
  ];
  return { document: 'g.folded', columns: new Map(columns) };
}

function live(alias: string, settings: ColumnSettings): string {
  return `${alias}.deleted_at IS NULL AND ${settings.visible?.(alias) ?? 'TRUE'}`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
