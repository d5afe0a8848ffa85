// What a provisioning connection may see and change: only what it owns. Everybody else who works in the
// organization sees all of it.
import type { Ctx } from '../context.ts';

/** The connection whose records alone count, or null for all of the organization's. */
export const owningConnection = (ctx: Ctx): string | null => (ctx.actor.kind === 'connection' ? ctx.actor.id : null);

/** SQL: the row belongs to the connection in the placeholder, or the placeholder is null. */
export const visibleTo = (table: string, placeholder: number): string =>
  `($${placeholder}::uuid is null or ${table}.connection_id = $${placeholder}::uuid)`;
