// The catalogue as the operator edits it: a draft per application, checked as a file is, and published by two people as a
// version that never changes. A value, profile or list that somebody still holds cannot be left out: it is retired instead.
import { createHash } from 'node:crypto';
import { askApproval, takeApproval } from '../approvals/ask-approval.ts';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { catalogueOf, CatalogueError, checkSource, type CatalogueFault } from './catalogue.ts';
import { catalogue } from './current-catalogue.ts';
import { draftEffect } from './draft-effect.ts';
import { currentSources, refreshCatalogue } from './published-catalogue.ts';

type ApplicationText = {
  readonly key: string;
  /** As published; empty for an application that was never published. */
  readonly published: string;
  /** 0: the file that the hub came with. */
  readonly version: number;
  readonly draft: {
    readonly source: string;
    readonly changedBy: { readonly label: string };
    readonly changedAt: Date;
  } | null;
};

const KEY = /^[a-z][a-z0-9_]{0,62}$/;
const LONGEST = 500_000;

type DraftRow = { source: string; changedBy: { label: string }; changedAt: Date };
const findDraft = (key: string, lock = false) =>
  queryOne<DraftRow>(
    `select source, changed_by as "changedBy", changed_at as "changedAt" from application_drafts where application = $1 ${lock ? 'for update' : ''}`,
    [key],
  );

const unknown = (key: string) => new HubError('not_found', `There is no application "${key}".`);
const digestOf = (source: string): string => createHash('sha256').update(source).digest('hex');

/** Throws HubError `not_permitted` (operator only), `not_found`. */
export async function readApplicationText(ctx: Ctx, key: string): Promise<ApplicationText> {
  checkOperator(ctx);
  if (!KEY.test(key)) throw unknown(key);
  const [sources, draft, last] = await Promise.all([
    currentSources(),
    findDraft(key),
    queryOne<{ version: number }>(
      'select max(version)::int as version from application_versions where application = $1',
      [key],
    ),
  ]);
  const published = sources.get(key)?.text;
  if (published === undefined && !draft) throw unknown(key);
  return { key, published: published ?? '', version: last?.version ?? 0, draft: draft ?? null };
}

/** The keys of those that have a draft. Throws HubError `not_permitted`. */
export async function drafted(ctx: Ctx): Promise<ReadonlySet<string>> {
  checkOperator(ctx);
  const rows = await query<{ application: string }>('select application from application_drafts');
  return new Set(rows.map(({ application }) => application));
}

/** What is wrong with a text, by itself and beside the other applications; the newest texts count. */
async function faultsOf(key: string, source: string): Promise<readonly CatalogueFault[]> {
  const file = key;
  if (source.length > LONGEST) return [{ file, line: 1, rule: 'too_long', message: 'the text is too long' }];
  const { application, faults } = checkSource({ file, text: source });
  if (!application) return faults;
  if (application.key !== key)
    return [
      {
        file,
        line: 1,
        rule: 'key_changed',
        message: `key must stay "${key}"; other systems know the application by it`,
      },
    ];
  const sources = await currentSources();
  sources.set(key, { file, text: source });
  try {
    catalogueOf([...sources.values()]);
    return [];
  } catch (error) {
    if (error instanceof CatalogueError) return error.faults;
    throw error;
  }
}

/** One of the text's own key for a new application. Answers the faults; none: it is kept. Throws HubError `not_permitted`. */
export async function saveDraft(ctx: Ctx, key: string, source: string): Promise<readonly CatalogueFault[]> {
  checkOperator(ctx);
  if (!KEY.test(key))
    return [{ file: key, line: 1, rule: 'key_format', message: 'key must be small letters, digits and underscores' }];
  const text = source.replaceAll('\r\n', '\n');
  const faults = await faultsOf(key, text);
  if (faults.length > 0) return faults;
  await transaction(async () => {
    await query(
      `insert into application_drafts (application, source, changed_by, changed_at) values ($1, $2, $3, $4)
       on conflict (application) do update set source = excluded.source, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
      [key, text, JSON.stringify(ctx.actor), ctx.now],
    );
    await record(ctx, 'application.drafted', key, { digest: digestOf(text) });
  });
  return [];
}

/** Throws HubError `not_permitted`, `not_found`. */
export function dropDraft(ctx: Ctx, key: string): Promise<void> {
  checkOperator(ctx);
  return transaction(async () => {
    const gone = await query('delete from application_drafts where application = $1 returning 1', [key]);
    if (gone.length === 0) throw unknown(key);
    await record(ctx, 'application.draft_dropped', key, {});
  });
}

const record = (ctx: Ctx, action: string, key: string, after: object) =>
  recordAudit(ctx, {
    action,
    targetKind: 'application',
    targetId: key,
    organizationId: OPERATOR_ORGANIZATION_ID,
    after: { name: key, ...after },
  });

/** The draft, sound and without anything left out that is still held. Throws HubError `not_found`, `invalid_input`, `still_in_use`. */
async function publishable(ctx: Ctx, key: string): Promise<DraftRow> {
  const draft = await findDraft(key, true);
  if (!draft) throw unknown(key);
  const faults = await faultsOf(key, draft.source);
  if (faults.length > 0)
    throw new HubError('invalid_input', 'The draft has faults.', {
      issues: faults.map(({ line, message }) => ({ path: `line ${line}`, message })),
    });
  const { missing } = await draftEffect(ctx, key, draft.source);
  if (missing.length > 0)
    throw new HubError('still_in_use', 'What somebody holds cannot be left out; mark it as retired.', { missing });
  return draft;
}

/** The first of two. Throws HubError `not_permitted`, `not_found`, `invalid_input`, `still_in_use`, `conflict`. */
export function askPublishing(ctx: Ctx, key: string, reason: string): Promise<void> {
  checkOperator(ctx);
  return transaction(async () => {
    const { source } = await publishable(ctx, key);
    const targetName = catalogue().get(key)?.label.en ?? key;
    const facts = { digest: digestOf(source) };
    await askApproval(ctx, { kind: 'publish_application', targetId: key, targetName, facts, reason });
  });
}

/**
 * The second of two. Answers the version. Throws HubError `four_eyes`, `conflict` where the draft was changed after it was
 * asked for, and what askPublishing throws.
 */
export async function confirmPublishing(ctx: Ctx, key: string): Promise<number> {
  const version = await transaction(() => publish(ctx, key));
  await refreshCatalogue();
  return version;
}

async function publish(ctx: Ctx, key: string): Promise<number> {
  const approval = await takeApproval(ctx, 'publish_application', key);
  const { source } = await publishable(ctx, key);
  if (approval.facts['digest'] !== digestOf(source))
    throw new HubError('conflict', 'The draft was changed after it was asked for.');
  const row = await queryOne<{ version: number }>(
    `insert into application_versions (application, version, source, note, published_by, confirmed_by, published_at)
       select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6 from application_versions where application = $1 returning version`,
    [key, source, approval.reason, JSON.stringify(approval.askedBy), JSON.stringify(ctx.actor), ctx.now],
  );
  await query('delete from application_drafts where application = $1', [key]);
  await record(ctx, 'application.published', key, { version: row?.version, reason: approval.reason });
  return row?.version ?? 0;
}

type PublishedVersion = {
  readonly version: number;
  readonly note: string;
  readonly publishedBy: { readonly label: string };
  readonly confirmedBy: { readonly label: string };
  readonly publishedAt: Date;
};

/** The newest first. Throws HubError `not_permitted`. */
export async function listVersions(ctx: Ctx, key: string): Promise<PublishedVersion[]> {
  checkOperator(ctx);
  return query<PublishedVersion>(
    `select version, note, published_by as "publishedBy", confirmed_by as "confirmedBy", published_at as "publishedAt"
     from application_versions where application = $1 order by version desc`,
    [key],
  );
}
