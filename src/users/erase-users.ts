// Erases the personal data of users deleted long ago: 90 days, or what the organization's setting `erase_after_days`
// says. What stays is a pseudonym, so that the history still tells that somebody did something.
//
// The audit is append-only for everybody; this job alone rewrites it, and only these values: in events about the user's
// record, `before` and `after` keep the names of their attributes and lose the values; where he was the actor, his label
// becomes the pseudonym, here and wherever else a giver is named. Who, when, what and the request stay. The job adds an
// event of its own for each user, so that the rewriting is itself on record.
import type { Logger } from 'pino';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { ERASE_AFTER_DAYS } from '../organizations/organization-record.ts';
import { USER_SCHEMA } from '../provisioning/schemas.ts';

const PORTION = 200;

type Due = { organization_id: string; id: string };

/** Tables with a user_id whose rows are of use to nobody but him. */
const HIS_OWN = [
  'passwords',
  'links',
  'mails',
  'sign_in_names',
  'application_uses',
  'oidc_artefacts',
  'totp_factors',
  'passkeys',
  'recovery_codes',
  'second_factor_resets',
  'terms_acceptances',
  'email_changes',
  'password_history',
  'sessions',
  'known_devices',
  'logout_deliveries',
  'notice_preferences',
  'refused_sign_ins',
  'bulk_act_people',
];

/** Where an actor is kept with his label. */
const ACTORS: Readonly<Record<string, readonly string[]>> = {
  audit_events: ['actor'],
  assignments: ['given_by', 'ended_by'],
  administration_rights: ['given_by', 'ended_by'],
  role_entitlements: ['given_by', 'ended_by'],
  roles: ['created_by'],
  users: ['created_by'],
  groups: ['created_by'],
  links: ['created_by'],
  connection_openings: ['opened_by'],
  email_changes: ['requested_by'],
  second_factor_resets: ['decided_by'],
  terms: ['published_by'],
  mandates: ['given_by', 'ended_by'],
  support_consents: ['given_by', 'withdrawn_by'],
  bulk_acts: ['created_by'],
};

const pseudonym = (id: string): string => `erased-${id}`;

async function eraseUser(ctx: Ctx, { organization_id: organizationId, id }: Due): Promise<void> {
  const name = pseudonym(id);
  const document = JSON.stringify({ schemas: [USER_SCHEMA], userName: name, active: false });
  await query(
    `update users set user_name = $3, user_name_key = $3, display_name_key = null, external_id = null, email_key = null,
       work_email_key = null, trusted_email_key = null, unconfirmed_email_key = null, manager_id = null, document = $4, folded = $4, erased_at = $5
     where organization_id = $1 and id = $2`,
    [organizationId, id, name, document, ctx.now],
  );
  for (const table of HIS_OWN)
    await query(`delete from ${table} where organization_id = $1 and user_id = $2`, [organizationId, id]);
  const blanked = (side: string) =>
    `case when jsonb_typeof(${side}) = 'object' then (select coalesce(jsonb_object_agg(key, 'erased'), '{}') from jsonb_object_keys(${side}) as key) end`;
  await query(
    `update audit_events set before = ${blanked('before')}, after = ${blanked('after')}
     where organization_id = $1 and target_id = $2 and target_kind = 'user' and (action like 'user.%' or action like 'email_change.%')`,
    [organizationId, id],
  );
  const [acted] = await query(
    `select 1 from audit_events where organization_id = $1 and actor ->> 'kind' = 'user' and actor ->> 'id' = $2 limit 1`,
    [organizationId, id],
  );
  if (acted) await renameActor(organizationId, id);
  await recordAudit({ ...ctx, organizationId }, { action: 'user.erased', targetKind: 'user', targetId: id });
}

async function renameActor(organizationId: string, id: string): Promise<void> {
  for (const [table, columns] of Object.entries(ACTORS)) {
    for (const column of columns) {
      await query(
        `update ${table} set ${column} = jsonb_set(${column}, '{label}', to_jsonb($3::text))
         where organization_id = $1 and ${column} ->> 'kind' = 'user' and ${column} ->> 'id' = $2`,
        [organizationId, id, pseudonym(id)],
      );
    }
  }
}

/** Erases whoever is due at that moment; returns how many. Each user in a transaction of his own. */
export async function eraseDeletedUsers(now: Date, log: Logger): Promise<number> {
  const ctx: Ctx = {
    actor: { kind: 'system', id: 'erase-deleted-users', label: 'Mandate' },
    requestId: 'erase-deleted-users',
    now,
    log,
  };
  for (let erased = 0; ;) {
    const due = await query<Due>(
      `select u.organization_id, u.id from users u join organizations o on o.id = u.organization_id
       where u.deleted_at is not null and u.erased_at is null
         and u.deleted_at < $1::timestamptz - make_interval(days => coalesce((o.settings ->> 'erase_after_days')::int, ${ERASE_AFTER_DAYS}))
       order by u.deleted_at limit ${PORTION}`,
      [now],
    );
    for (const user of due) {
      await transaction(async () => {
        await query("set local statement_timeout = '5min'");
        await eraseUser(ctx, user);
      });
    }
    erased += due.length;
    if (due.length < PORTION) return erased;
  }
}

export const eraseJob = (log: Logger): JobHandler => ({
  cron: '23 1 * * *',
  run: async () => {
    const erased = await eraseDeletedUsers(new Date(), log);
    if (erased > 0) log.info({ erased }, 'the personal data of deleted users was erased');
  },
});
