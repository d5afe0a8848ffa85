// Everything the hub keeps about the person himself, to take along (GDPR articles 15 and 20): details, rights with their
// reasons, sessions and what was recorded about him. JSON, streamed; no secret and no hash is in it.
import type { Request, Response } from 'express';
import { eachEvent } from '../audit/list-events.ts';
import { listSessions } from '../credentials/list-sessions.ts';
import { administrationRightsOf } from '../entitlements/administration-rights-of.ts';
import { rightsOf } from '../entitlements/explain-access.ts';
import { keepPrivate } from '../web/headers.ts';
import { visitorOf } from './signed-in.ts';

export async function myData(req: Request, res: Response): Promise<void> {
  const visitor = visitorOf(req);
  const { ctx, userId, organizationId } = visitor;
  const [{ effective, withheld, numbers }, administration, sessions] = await Promise.all([
    rightsOf(ctx, { userId }),
    administrationRightsOf(ctx, [userId]),
    listSessions(ctx, userId),
  ]);
  const numbered = <T extends { entitlement: { customerAccount: string } }>(one: T) => ({
    ...one,
    customerNumber: numbers.get(one.entitlement.customerAccount),
  });
  const head = {
    exportedAt: ctx.now,
    organization: { id: organizationId, name: visitor.organizationName },
    user: { id: userId, ...visitor.document, lastSignInAt: visitor.lastSignInAt },
    administrationRights: administration.get(userId) ?? [],
    rights: effective.map(numbered),
    rightsWithoutEffect: withheld.map(numbered),
    sessions,
  };
  keepPrivate(res);
  res.type('application/json').attachment(`my-data-${ctx.now.toISOString().slice(0, 10)}.json`);
  res.write(`${JSON.stringify(head, null, 1).slice(0, -2)},\n "events": [`);
  let first = true;
  for await (const events of eachEvent(ctx, { userId })) {
    // Who else acted, as the history page says it; what belongs to the other stays out.
    const lines = events.map(({ actor, actorName: _, ...event }) =>
      JSON.stringify({ ...event, actor: { kind: actor.kind, label: actor.label, actedBy: actor.actedBy?.label } }),
    );
    res.write(`${first ? '' : ','}\n  ${lines.join(',\n  ')}`);
    first = false;
  }
  res.end('\n ]\n}\n');
}
