// Tells those who work with a mandate that it came, changed or went: the receiver's chief administrators and the holders of
// the right to pass it on. One job in the act's own transaction, so that a click costs the same however many are told.
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { catalogue } from '../applications/current-catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import { enqueue, type JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { activeChiefs } from '../entitlements/check-deactivation.ts';
import { effectiveEntitlements } from '../entitlements/effective.ts';
import { loadMany } from '../entitlements/load-many.ts';
import { PEOPLE_OF_GIVEN } from '../entitlements/people-of-given.ts';
import { mailUser } from '../mail/mail-user.ts';
import { tellOnce } from '../notices/tell-once.ts';
import { mandatesBelow } from './mandates-below.ts';
import type { Mandate } from './find-mandate.ts';
import { recordReceived } from './record-received.ts';

export const MANDATE_NOTICE = 'mandate-notice';
type MandateNotice = 'received' | 'changed' | 'withdrawn';

const MOST_TOLD = 50;
const SYSTEM = { actor: { kind: 'system', id: 'mandate', label: 'Mandate' } } as const;

/** In the ambient transaction. */
export const announce = (
  _ctx: OrganizationCtx,
  mandate: Pick<Mandate, 'id' | 'ownerOrganizationId'>,
  notice: MandateNotice,
): Promise<void> =>
  enqueue(MANDATE_NOTICE, { notice, mandateId: mandate.id, owner: mandate.ownerOrganizationId, occasion: uuidv7() });

type Announced = { notice: MandateNotice; mandateId: string; owner: string; occasion?: string };

type Told = {
  id: string;
  receiver: string;
  giverName: string;
  number: string;
  applications: string[];
  validUntil: Date | null;
  onward: number;
};

const factsOf = (owner: string, ids: readonly string[]): Promise<Told[]> =>
  query<Told>(
    `select m.id, m.receiver_organization_id as receiver, g.name as "giverName", a.number, m.onward, m.valid_until as "validUntil",
       (select array_agg(distinct b ->> 'application') from jsonb_array_elements(m.boxes) b) as applications
     from mandates m join organizations g on g.id = m.giver_organization_id
     join organizations r on r.id = m.receiver_organization_id and r.state = 'active'
     join customer_accounts a on a.organization_id = m.organization_id and a.id = m.customer_account_id
     where m.organization_id = $1 and m.id = any($2::uuid[]) order by m.id`,
    [owner, ids],
  );

/** Those of the organization who hold a right that passes mandates on in one of these applications. */
async function holders(ctx: OrganizationCtx, applications: readonly string[]): Promise<string[]> {
  const rights = applications.flatMap((key) => {
    const right = catalogue().get(key)?.givesMandates;
    return right === undefined ? [] : [[key, right] as const];
  });
  const found = new Set<string>();
  for (const [application, right] of rights) {
    const candidates = await query<{ id: string }>(
      `with recursive given(id) as (
        select a.subject_id from assignments a where a.organization_id = $1 and a.ended_at is null and (a.valid_until is null or a.valid_until > $4)
          and (a.application = $2 and a."values" -> 'rights' ? $3 or a.role_id in (select e.role_id from role_entitlements e
            where e.organization_id = $1 and e.ended_at is null and e.application = $2 and e."values" -> 'rights' ? $3))
      ), ${PEOPLE_OF_GIVEN}
      select u.id from people p join users u on u.organization_id = $1 and u.id = p.id
      where u.active and u.deleted_at is null and u.kind = 'person' order by u.id limit ${MOST_TOLD}`,
      [ctx.organizationId, application, right, ctx.now],
    );
    const { snapshots } = await loadMany(ctx, { userIds: candidates.map(({ id }) => id), application });
    for (const [id, snapshot] of snapshots) {
      const holds = effectiveEntitlements(snapshot, { application }).effective.some(
        ({ entitlement }) =>
          entitlement.application === application && entitlement.values.rights?.includes(right) === true,
      );
      if (holds) found.add(id);
    }
  }
  return [...found];
}

/** Who works with mandates for these applications: chief administrators, and holders of the right that gives them. */
export async function concernedBy(ctx: OrganizationCtx, applications: readonly string[]): Promise<string[]> {
  const told = new Set([...(await activeChiefs(ctx)), ...(await holders(ctx, applications))]);
  return [...told].slice(0, MOST_TOLD);
}

/** What hung below has no effect any more; it stays as it is, so its receivers are told so once. */
const recordBelow = (log: Logger, below: readonly Pick<Mandate, 'id' | 'ownerOrganizationId'>[]): Promise<void> =>
  recordReceived({ ...SYSTEM, requestId: uuidv7(), now: new Date(), log }, 'received_ended', below);

/** A withdrawn mandate ends what hangs below it too, so those who received it from the receiver are told as well. */
export const mandateNotices = (log: Logger): JobHandler => ({
  run: async (data) => {
    const { notice, mandateId, owner, occasion = uuidv7() } = data as Announced;
    const below = notice === 'withdrawn' ? await mandatesBelow(owner, mandateId) : [];
    const ids = [mandateId, ...below.map(({ id }) => id)];
    await recordBelow(
      log,
      below.map(({ id }) => ({ id, ownerOrganizationId: owner })),
    );
    for (const told of await factsOf(owner, ids)) {
      const ctx: OrganizationCtx = {
        organizationId: told.receiver,
        ...SYSTEM,
        requestId: uuidv7(),
        now: new Date(),
        log,
      };
      await tellOnce(ctx, `${occasion} ${told.id}`, async () => {
        for (const userId of await concernedBy(ctx, told.applications)) {
          await mailUser(ctx, {
            kind: `mandate_${notice}`,
            organizationId: told.receiver,
            userId,
            values: {
              giver: told.giverName,
              number: told.number,
              applications: told.applications.flatMap((key) => catalogue().get(key)?.label ?? []),
              until: told.validUntil && new Date(told.validUntil.getTime() - 1),
              onward: told.onward,
            },
          });
        }
      });
    }
  },
});
