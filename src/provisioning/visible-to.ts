// What a provisioning connection may see and change: only what it owns. Everybody else who works in the
// organization sees all of it.
import type { Ctx } from '../context.ts';

/** The connection whose records alone count, or null for all of the organization's. */
export const owningConnection = (ctx: Ctx): string | null => (ctx.actor.kind === 'connection' ? ctx.actor.id : null);

/**
 * SQL: the row belongs to the connection in the placeholder, or the placeholder is null. Written so that no index can
 * serve it: the planner takes organization and connection for independent, expects one row of the pair where there
 * are 200,000, and would read them all instead of the one that an id or a name points to.
 */
export const visibleTo = (table: string, placeholder: number): string =>
  `${table}.connection_id is not distinct from coalesce($${placeholder}::uuid, ${table}.connection_id)`;
