// A person asks for access to an application. Nothing is given by it: it goes to those who could give it, and what one
// has already, what does not exist and what was asked already is refused.
import { v7 as uuidv7 } from 'uuid';
import { findApplication } from '../applications/catalogue.ts';
import { catalogue } from '../applications/current-catalogue.ts';
import type { Application } from '../applications/application.ts';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { enqueue } from '../database/jobs.ts';
import { query, queryOne, violates } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { notPermitted } from '../entitlements/acting.ts';
import { isFixed } from '../entitlements/value-rule.ts';
import { HubError } from '../errors.ts';
import { customerAccountNotFound } from '../organizations/find-customer-account.ts';
import { userNotFound } from '../users/find-user.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { isId } from '../users/is-id.ts';
import { holdsAlready } from './holds-already.ts';
import { REQUEST_NOTICE } from './request-notice.ts';
import { findRequest, type AccessRequest, type Wanted } from './request-row.ts';

export type NewRequest = {
  /** Who asks; absent: the actor himself. The operator may ask for somebody. */
  readonly userId?: string;
  readonly application: string;
  readonly customerAccountId?: string;
  /** A customer number, or words for it, where the asker does not see the account. */
  readonly accountText?: string;
  readonly wanted?: Wanted;
  readonly wantedText?: string;
  readonly reason: string;
};

const EXPIRY_DAYS = 14;
const DAY_MS = 86_400_000;
const MOST_WAITING = 20;
export const LONGEST = { reason: 1000, wantedText: 1000, accountText: 200 } as const;

const invalid = (path: string, message: string) =>
  new HubError('invalid_input', message, { issues: [{ path, message }] });

/** Lines and tabs may stand in it, no other control characters. */
export function checkWords(path: string, words: string, most: number, { required = false } = {}): string {
  const clean = words.replaceAll('\r\n', '\n').trim();
  if (required && clean === '') throw invalid(path, `The ${path} is missing.`);
  if (clean.length > most) throw invalid(path, `The ${path} must have at most ${most} characters.`);
  if (/[^\P{Cc}\n\t]/u.test(clean) || !clean.isWellFormed()) throw invalid(path, `The ${path} must be printable.`);
  return clean;
}

/** An account that the organization may act on: its own, or a customer's under a mandate. */
const reachable = (ctx: OrganizationCtx, by: 'customer_account_id' | 'number', value: string) =>
  queryOne<{ id: string }>(
    `select n.customer_account_id as id from customer_account_numbers n
     where n.${by} = $2 and (n.organization_id = $1 or exists (
       select 1 from mandates m where m.receiver_organization_id = $1 and m.organization_id = n.organization_id
         and m.customer_account_id = n.customer_account_id and m.ended_at is null and (m.valid_until is null or m.valid_until > $3)))`,
    [ctx.organizationId, value, ctx.now],
  );

async function accountOf(
  ctx: OrganizationCtx,
  { customerAccountId, accountText = '' }: NewRequest,
): Promise<{ id: string | null; text: string }> {
  const text = checkWords('accountText', accountText, LONGEST.accountText);
  if (customerAccountId === undefined) {
    // Whether the number is known is nothing that an asker is told: the words stay what he typed.
    const found = text === '' ? undefined : await reachable(ctx, 'number', text);
    return { id: found?.id ?? null, text };
  }
  const found = isId(customerAccountId) ? await reachable(ctx, 'customer_account_id', customerAccountId) : undefined;
  if (!found) throw customerAccountNotFound(customerAccountId);
  return { id: found.id, text };
}

async function checkWanted(application: Application, wanted: Wanted, accountId: string | null): Promise<Wanted> {
  const unknown = (dimension: string, value: string) =>
    new HubError('unknown_value', `"${value}" is not one of the ${dimension} of ${application.key}.`, {
      application: application.key,
      dimension,
      value,
    });
  const pairs = Object.entries(wanted).filter(([, values]) => values.length > 0);
  const clean: Record<string, string[]> = {};
  for (const [name, values] of pairs) {
    const dimension = application.dimensions.find((one) => one === name);
    if (dimension === undefined) throw unknown(name, values[0] ?? '');
    const known = isFixed(dimension)
      ? application[dimension].filter(({ retired, placeholder }) => !retired && !placeholder).map(({ key }) => key)
      : (
          await query<{ number: string }>(
            `select r.number from customer_account_numbers n join resources r
               on r.organization_id = n.organization_id and r.customer_account_id = n.customer_account_id
             where n.customer_account_id = $1 and r.kind = $2 and r.number = any($3)`,
            [accountId, dimension, values],
          )
        ).map(({ number }) => number);
    const strange = values.find((value) => !known.includes(value));
    if (strange !== undefined) throw unknown(dimension, strange);
    clean[dimension] = [...new Set(values)].toSorted();
  }
  return clean;
}

function askerOf(ctx: OrganizationCtx, userId: string | undefined): string {
  const { actor } = ctx;
  refuseWhileActing(ctx);
  if (actor.kind === 'user' && (userId === undefined || userId.toLowerCase() === actor.id.toLowerCase()))
    return actor.id;
  if ((actor.kind === 'operator' || actor.kind === 'system') && userId !== undefined) return userId;
  throw notPermitted('Nobody asks for access in the name of another person.');
}

/** Throws HubError `not_found`, `not_permitted` for a service user and for one who is not active. */
async function findAsker(ctx: OrganizationCtx, id: string): Promise<{ id: string }> {
  const row = isId(id)
    ? await queryOne<{ id: string; may: boolean }>(
        `select id, active and kind = 'person' as may from users where organization_id = $1 and id = $2 and deleted_at is null
         for no key update`,
        [ctx.organizationId, id],
      )
    : undefined;
  if (!row) throw userNotFound(id);
  if (!row.may) throw notPermitted('Only an active person can ask for access.');
  return row;
}

/**
 * Throws HubError `unknown_application`, `unknown_value`, `not_found` (account, user), `invalid_input`, `already_held`,
 * `already_asked` (details.request), `too_many`, `not_permitted`.
 */
export function askForAccess(ctx: OrganizationCtx, input: NewRequest): Promise<AccessRequest> {
  return transaction(async () => {
    const user = await findAsker(ctx, askerOf(ctx, input.userId));
    const application = findApplication(catalogue(), input.application);
    const reason = checkWords('reason', input.reason, LONGEST.reason, { required: true });
    const wantedText = checkWords('wantedText', input.wantedText ?? '', LONGEST.wantedText);
    const account = await accountOf(ctx, input);
    const wanted = await checkWanted(application, input.wanted ?? {}, account.id);
    const asked = { application, accountId: account.id, wanted, inWords: wantedText !== '' };
    if (await holdsAlready(ctx, user.id, asked))
      throw new HubError('already_held', 'You hold this already.', { application: application.key });
    await checkOpen(ctx, user.id, application.key, account.id);
    const id = uuidv7();
    try {
      await query(
        `insert into access_requests (organization_id, id, user_id, application, customer_account_id, account_text, wanted, wanted_text,
           reason, asked_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [
          ctx.organizationId,
          id,
          user.id,
          application.key,
          account.id,
          account.text,
          JSON.stringify(wanted),
          wantedText,
          reason,
          ctx.now,
          new Date(ctx.now.getTime() + EXPIRY_DAYS * DAY_MS),
        ],
      );
    } catch (error) {
      if (violates(error, 'access_requests_waiting')) throw alreadyAsked();
      throw error;
    }
    await recordAudit(ctx, {
      action: 'request.asked',
      targetKind: 'user',
      targetId: user.id,
      after: {
        request: id,
        application: application.key,
        ...(account.id === null ? {} : { customerAccountId: account.id }),
        wanted,
      },
    });
    await enqueue(REQUEST_NOTICE, { organizationId: ctx.organizationId, id });
    return findRequest(ctx, id);
  });
}

const alreadyAsked = (request?: string) =>
  new HubError('already_asked', 'You have asked for this already, and it is waiting for an answer.', {
    ...(request === undefined ? {} : { request }),
  });

async function checkOpen(
  ctx: OrganizationCtx,
  userId: string,
  application: string,
  accountId: string | null,
): Promise<void> {
  const waiting = await query<{ id: string; application: string; account: string | null }>(
    `select id, application, customer_account_id as account from access_requests
     where organization_id = $1 and user_id = $2 and state = 'waiting'`,
    [ctx.organizationId, userId],
  );
  const same = waiting.find((one) => one.application === application && one.account === accountId);
  if (same) throw alreadyAsked(same.id);
  if (waiting.length >= MOST_WAITING)
    throw new HubError('too_many', `At most ${MOST_WAITING} requests can wait for an answer at a time.`);
}
