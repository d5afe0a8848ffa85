// The terms that people of an organization accept before they get on: versions that are never changed, each in all four
// languages. Whoever has not accepted the newest one is asked; what was accepted, and when, stays.
import { LANGUAGES, type Labels } from '../applications/application.ts';
import { recordAudit } from '../audit/record.ts';
import type { Ctx, OrganizationCtx } from '../context.ts';
import { prepared, queryOne, violates } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { loadActing, notPermitted } from '../entitlements/acting.ts';
import { HubError } from '../errors.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';

type Terms = { readonly version: number; readonly texts: Labels; readonly publishedAt: Date };

const LONGEST = 50_000;

const PENDING = prepared(
  'terms_pending',
  `select t.version, t.texts, t.published_at as "publishedAt" from terms t
   where t.organization_id = $1 and t.version = (select max(version) from terms where organization_id = $1)
     and not exists (select 1 from terms_acceptances a
       where a.organization_id = t.organization_id and a.user_id = $2 and a.version = t.version)`,
);

/** What the person has still to accept. */
export const termsToAccept = (organizationId: string, userId: string): Promise<Terms | undefined> =>
  queryOne<Terms>(PENDING, [organizationId, userId]);

export const currentTerms = (ctx: OrganizationCtx): Promise<Terms | undefined> =>
  queryOne<Terms>(
    `select version, texts, published_at as "publishedAt" from terms where organization_id = $1 order by version desc limit 1`,
    [ctx.organizationId],
  );

/**
 * Publishes a new version; paragraphs are separated by empty lines. For a chief administrator and the operator.
 * Throws HubError `not_permitted`, `invalid_input` (details.issues name the languages), `conflict`.
 */
export async function publishTerms(ctx: OrganizationCtx, texts: Labels): Promise<number> {
  refuseWhileActing(ctx);
  const { unbounded } = await loadActing(ctx);
  if (!unbounded) throw notPermitted();
  const issues = LANGUAGES.filter((language) => {
    const text = texts[language];
    return text.trim() === '' || text.length > LONGEST;
  }).map((language) => ({ path: `texts.${language}`, message: `must have 1 to ${LONGEST} characters` }));
  if (issues.length > 0) throw new HubError('invalid_input', 'The terms need a text in each language.', { issues });
  try {
    return await transaction(() => store(ctx, texts));
  } catch (error) {
    if (!violates(error, 'terms_pkey')) throw error;
    throw new HubError('conflict', 'Somebody else published terms meanwhile.');
  }
}

async function store(ctx: OrganizationCtx, texts: Labels): Promise<number> {
  const kept = Object.fromEntries(LANGUAGES.map((language) => [language, texts[language].trim()]));
  const made = await queryOne<{ version: number }>(
    `insert into terms (organization_id, version, texts, published_by, published_at)
     select $1, coalesce(max(version), 0) + 1, $2, $3, $4 from terms where organization_id = $1 returning version`,
    [ctx.organizationId, JSON.stringify(kept), JSON.stringify(ctx.actor), ctx.now],
  );
  const version = made?.version ?? 0;
  await recordAudit(ctx, {
    action: 'terms.published',
    targetKind: 'organization',
    targetId: ctx.organizationId,
    after: { version },
  });
  return version;
}

/** Of the version that the person was shown. Throws HubError `conflict` when it is not the newest any more. */
export async function acceptTerms(
  ctx: Ctx,
  { organizationId, userId, version }: { organizationId: string; userId: string; version: number },
): Promise<void> {
  await transaction(async () => {
    const newest = await queryOne<{ version: number }>(
      'select max(version) as version from terms where organization_id = $1',
      [organizationId],
    );
    if (newest?.version !== version) throw new HubError('conflict', 'There is a newer version of the terms.');
    const accepted = await queryOne(
      `insert into terms_acceptances (organization_id, user_id, version, accepted_at) values ($1, $2, $3, $4)
       on conflict do nothing returning 1`,
      [organizationId, userId, version, ctx.now],
    );
    if (!accepted) return;
    await recordAudit(ctx, {
      action: 'terms.accepted',
      targetKind: 'user',
      targetId: userId,
      organizationId,
      after: { version },
    });
  });
}
