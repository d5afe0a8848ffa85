// Gives an administration right to a user or a group: a separate act, never part of a copy or of an assignment.
// By whom and how long: checkRightGiven in check-giving.ts.
import { v7 as uuidv7 } from 'uuid';
import { auditSelect, auditValues } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { noteRightsChange } from '../notices/note-rights-change.ts';
import { findCustomerAccount } from '../organizations/find-customer-account.ts';
import { readSettings, type StoredSettings } from '../organizations/organization-record.ts';
import { isId } from '../users/is-id.ts';
import { loadActing, type Acting } from './acting.ts';
import {
  ACCOUNT_RIGHTS,
  ADMINISTRATION_RIGHTS,
  holdsRight,
  type AdministrationRight,
  type HeldRight,
} from './administration-rights-of.ts';
import { checkLastChief } from './check-deactivation.ts';
import { checkGiving } from './check-giving.ts';
import { checkRank } from './check-rank.ts';
import { findSubject, type FoundSubject, type Subject } from './find-subject.ts';
import { orThrow } from './refusal.ts';
import { tellNewAdministrator } from './tell-new-administrator.ts';

type AdministrationRightInput = {
  readonly subject: Subject;
  readonly name: AdministrationRight;
  /** Only for the two settings rights: an own customer account. */
  readonly customerAccountId?: string;
  readonly validUntil?: Date | null;
  /** A chief's tick: whomever a directory puts into this group becomes what the right makes of him. */
  readonly consent?: boolean;
};

const invalid = (message: string) => new HubError('invalid_input', message, { issues: [{ path: 'name', message }] });

/** A right that the subject has been given already keeps its id; only its end may change. Answers the right's id. */
export function giveAdministrationRight(ctx: OrganizationCtx, input: AdministrationRightInput): Promise<string> {
  return transaction(async () => {
    const subject = await findSubject(ctx, input.subject);
    const acting = await loadActing(ctx);
    const right = await checkInput(ctx, subject, input);
    await checkGiving(ctx, acting, {
      boxes: [],
      administrationRights: [right],
      ...(subject.kind === 'user' ? { users: [subject.id] } : { groups: [subject.id] }),
      consent: input.consent === true,
    });
    await checkDirectories(ctx, acting, subject, input.consent === true);
    return insert(ctx, subject, right, input.consent === true);
  });
}

async function checkInput(
  ctx: OrganizationCtx,
  subject: FoundSubject,
  input: AdministrationRightInput,
): Promise<Omit<HeldRight, 'id' | 'groupId'>> {
  const { name, validUntil = null } = input;
  if (!ADMINISTRATION_RIGHTS.includes(name)) throw invalid(`There is no administration right "${name}".`);
  const ofAccount = (ACCOUNT_RIGHTS as readonly string[]).includes(name);
  if (ofAccount !== (input.customerAccountId !== undefined))
    throw invalid('This right is given for one customer account, the others for none.');
  const customerAccountId =
    input.customerAccountId === undefined ? null : (await findCustomerAccount(ctx, input.customerAccountId)).id;
  if (name === 'chief_administrator' && subject.kind === 'group')
    throw invalid('Only a person can be chief administrator.');
  if (validUntil !== null && validUntil <= ctx.now) throw invalid('The end lies in the past.');
  if (name === 'ftp_access') {
    const row = await queryOne<{ settings: StoredSettings }>('select settings from organizations where id = $1', [
      ctx.organizationId,
    ]);
    if (!readSettings(row?.settings ?? {}).ftp) {
      throw new HubError(
        'operator_feature_off',
        'The file server is switched off for this organization. Contact the operator.',
      );
    }
  }
  if (subject.kind === 'user') {
    const person = await queryOne('select 1 from users where organization_id = $1 and id = $2 and kind = $3', [
      ctx.organizationId,
      subject.id,
      'person',
    ]);
    if (!person) throw invalid('A service user cannot hold administration rights.');
  }
  return { name, customerAccountId, validUntil };
}

/** Even where the group was opened for what it carries, this right reaches it only by a chief's own tick. */
async function checkDirectories(
  ctx: OrganizationCtx,
  acting: Acting,
  subject: FoundSubject,
  consent: boolean,
): Promise<void> {
  if (subject.kind === 'user' || (consent && acting.unbounded)) return;
  const [filled] = await query(
    `with recursive below(id) as (
      select $2::uuid union
      select n.child_id from below b join group_groups n on n.organization_id = $1 and n.parent_id = b.id
    ) select 1 from below b join groups g on g.organization_id = $1 and g.id = b.id where g.connection_id is not null limit 1`,
    [ctx.organizationId, subject.id],
  );
  if (!filled) return;
  throw new HubError(
    'group_not_opened',
    'A directory decides who is in this group. Only a chief administrator can consent that it makes administrators. Nothing was changed.',
    { groups: [subject.id] },
  );
}

async function insert(
  ctx: OrganizationCtx,
  subject: Subject,
  right: Omit<HeldRight, 'id' | 'groupId'>,
  consent: boolean,
): Promise<string> {
  const standing = await queryOne<{ id: string }>(
    `select id from administration_rights where organization_id = $1 and subject_id = $2 and name = $3
       and customer_account_id is not distinct from $4 and ended_at is null for update`,
    [ctx.organizationId, subject.id, right.name, right.customerAccountId],
  );
  const id = standing?.id ?? uuidv7();
  await query(
    `with given as (
      insert into administration_rights (organization_id, id, subject_kind, subject_id, name, customer_account_id, valid_until, given_by, given_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
      on conflict (organization_id, id) do update
        set valid_until = excluded.valid_until, given_by = excluded.given_by, given_at = excluded.given_at
      returning id
    ), audited as (${auditSelect(10, 'from given')})
    select id from given`,
    [
      ctx.organizationId,
      id,
      subject.kind,
      subject.id,
      right.name,
      right.customerAccountId,
      right.validUntil,
      JSON.stringify(ctx.actor),
      ctx.now,
      ...auditValues(ctx, {
        action: 'administration_right.given',
        targetKind: subject.kind,
        targetId: subject.id,
        after: { administrationRight: id, ...right, ...(consent ? { consent } : {}) },
      }),
    ],
  );
  // One that he has already got a new end, no more.
  if (standing) return id;
  const { name, customerAccountId, validUntil } = right;
  await noteRightsChange(
    ctx,
    { kind: subject.kind, ids: [subject.id] },
    { change: 'given', administrationRight: name, customerAccountId, validUntil },
  );
  await tellNewAdministrator(ctx, subject, name);
  return id;
}

type Standing = {
  id: string;
  subject_kind: 'user' | 'group';
  subject_id: string;
  name: AdministrationRight;
  customer_account_id: string | null;
};

const rightNotFound = (id: string) => new HubError('not_found', `There is no administration right ${id}.`);

/**
 * Takes an administration right away: by a holder of it whose rank reaches the person; a chief only by a chief or the operator.
 * Throws HubError `not_found`, `not_permitted`, `rank_too_low`, `grantor_lacks_right`, `last_chief`.
 */
export function endAdministrationRight(ctx: OrganizationCtx, id: string): Promise<void> {
  return transaction(async () => {
    const right = isId(id)
      ? await queryOne<Standing>(
          `select id, subject_kind, subject_id, name, customer_account_id from administration_rights
           where organization_id = $1 and id = $2 and ended_at is null for update`,
          [ctx.organizationId, id],
        )
      : undefined;
    if (!right) throw rightNotFound(id);
    const acting = await loadActing(ctx);
    if (right.subject_kind === 'user') {
      await checkRank(ctx, acting, [right.subject_id]);
      if (right.name === 'chief_administrator') await checkLastChief(ctx, right.subject_id);
    }
    checkTaker(acting, right);
    await query(
      `with ended as (
        update administration_rights set ended_at = $3, ended_by = $4 where organization_id = $1 and id = $2 returning id
      ), audited as (${auditSelect(5, 'from ended')})
      select id from ended`,
      [
        ctx.organizationId,
        right.id,
        ctx.now,
        JSON.stringify(ctx.actor),
        ...auditValues(ctx, {
          action: 'administration_right.ended',
          targetKind: right.subject_kind,
          targetId: right.subject_id,
          before: { administrationRight: right.id, name: right.name, customerAccountId: right.customer_account_id },
        }),
      ],
    );
    await noteRightsChange(
      ctx,
      { kind: right.subject_kind, ids: [right.subject_id] },
      { change: 'ended', administrationRight: right.name, customerAccountId: right.customer_account_id },
    );
  });
}

/** Throws HubError `rank_too_low`, `grantor_lacks_right`. */
export function checkTaker(acting: Acting, right: Pick<Standing, 'name' | 'customer_account_id'>): void {
  if (acting.unbounded) return;
  const makesAdministrators = ['manage_administrators', 'manage_users'].includes(right.name);
  const enough = makesAdministrators ? acting.rank === 'administrators' : acting.rank !== 'none';
  if (!enough || right.name === 'chief_administrator') orThrow({ ok: false, code: 'rank_too_low', missing: [] });
  if (holdsRight(acting.held, right.name, right.customer_account_id)) return;
  throw new HubError(
    'grantor_lacks_right',
    'You do not hold this administration right yourself, so you cannot take it away.',
    {
      administrationRights: [right.name],
    },
  );
}
