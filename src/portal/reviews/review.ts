// One review: who holds what, when it was last used, and keep or remove for each row. What the visitor may not take away is
// greyed with the reason. Closing, and the result as a table.
import type { Request, Response } from 'express';
import { loadActing } from '../../entitlements/acting.ts';
import { endingLocks } from '../../entitlements/ending-locks.ts';
import { closeReview, decideRow } from '../../reviews/decide.ts';
import { eachReviewRow, findReview, reviewRows, type ReviewDecision, type ReviewRow } from '../../reviews/review.ts';
import type { Translate } from '../../texts.ts';
import { translatorOf } from '../../web/render.ts';
import { accessTabs } from '../access/access-tabs.ts';
import { sendCsv } from '../csv.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, formValues, refusalOf, type Fault } from '../../web/refusal.ts';
import { fieldOf } from '../rights/desk.ts';
import { actingWords } from '../rights/acting-words.ts';
import { type Words } from '../rights/words.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { creatorLabel } from '../users/creator-label.ts';
import { REVIEWS_PATH, scopeOf } from './reviews.ts';

const SIZE = 25;
const COLUMNS = [
  'who',
  'username',
  'what',
  'account',
  'rights',
  'given_by',
  'given',
  'until',
  'used',
  'decision',
  'by',
  'at',
] as const;

export function reviewPages(settings: PortalSettings) {
  async function wordsOf(req: Request, res: Response, rows: readonly ReviewRow[]) {
    const acting = await loadActing(visitorOf(req).ctx);
    const accounts = rows.flatMap(({ customerAccountId }) => customerAccountId ?? []);
    const words = await actingWords(settings, res, { acting }, accounts);
    return { acting, words };
  }

  const boxOf = ({ application, customerAccountId, values }: ReviewRow) => ({
    application: application ?? '',
    customerAccount: customerAccountId ?? '',
    values: values ?? {},
  });

  async function show(
    req: Request,
    res: Response,
    { faults = [], status = 200 }: { faults?: readonly Fault[]; status?: number } = {},
  ): Promise<void> {
    const visitor = visitorOf(req);
    const { ctx } = visitor;
    const t = translatorOf(settings.site, res);
    const review = await findReview(ctx, String(req.params['id']));
    const undecided = fieldOf(req.query, 'show') !== 'all' && review.closedAt === null;
    const after = Number(fieldOf(req.query, 'after'));
    const page = await reviewRows(ctx, review.id, {
      size: SIZE,
      undecided,
      ...(Number.isSafeInteger(after) && after > 0 && { after }),
    });
    const { acting, words } = await wordsOf(req, res, page.rows);
    const locks = await endingLocks(ctx, acting, page.rows);
    const path = `${REVIEWS_PATH}/${review.id}`;
    const address = (changes: Record<string, string>) => `${path}?${new URLSearchParams(changes).toString()}`;
    const kept = undecided ? {} : { show: 'all' };
    settings.render(
      res,
      'portal/reviews/review',
      {
        ...(await shellLocals(visitor, 'access')),
        tabs: accessTabs('reviews'),
        review: {
          ...review,
          about: scopeOf(review, settings, res, t),
          due: new Date(`${review.dueOn}T12:00:00Z`),
          decided: review.kept + review.removed,
          open: review.closedAt === null,
          starter: creatorLabel(review.startedBy, t),
          closer: review.closedBy ? creatorLabel(review.closedBy, t) : undefined,
        },
        rows: page.rows.map((row) => ({
          ...row,
          href: `/portal/${row.subjectKind === 'user' ? 'users' : 'groups'}/${row.subjectId}`,
          what: row.roleName ?? words.applicationOf(row.application ?? ''),
          lists: row.roleId === null ? words.listsOf(boxOf(row)) : [],
          profileLabel: words.profileOf({
            application: row.application ?? '',
            ...(row.profile === null ? {} : { profile: row.profile }),
          }),
          until: row.validUntil ? new Date(row.validUntil.getTime() - 1) : undefined,
          used: row.lastUsedOn === null ? undefined : new Date(`${row.lastUsedOn}T12:00:00Z`),
          giver: creatorLabel(row.givenBy, t),
          decider: row.decidedBy ? creatorLabel(row.decidedBy, t) : undefined,
          lock: row.stands ? (locks.get(row.assignmentId) ?? undefined) : undefined,
        })),
        undecided,
        action: address({ ...kept, ...(after > 0 && { after: String(after) }) }),
        closeAction: `${path}/close`,
        exportHref: `${path}/export.csv`,
        allHref: address({ show: 'all' }),
        openHref: path,
        nextHref: page.next === null ? undefined : address({ ...kept, after: String(page.next) }),
        firstHref: after > 0 ? address(kept) : undefined,
        ...(fieldOf(req.query, 'done') !== '' && {
          notice: { kind: 'ok', text: t(`reviews:review.${review.closedAt ? 'done_closed' : 'done_decided'}`) },
        }),
        ...(faults.length > 0 && { errors: faults }),
      },
      { status },
    );
  }

  /** Row by row, so that one that is refused does not keep the others. */
  async function decide(req: Request, res: Response): Promise<void> {
    const { ctx } = visitorOf(req);
    const id = String(req.params['id']);
    const { keep_all: all, ...fields } = formFields(req.body);
    const shown = formValues(req.body, 'position');
    const faults: Fault[] = [];
    let status = 200;
    for (const position of shown) {
      const chosen = all === undefined ? fields[`row-${position}`] : 'keep';
      if (chosen !== 'keep' && chosen !== 'remove') continue;
      try {
        await decideRow(ctx, { reviewId: id, position: Number(position), decision: chosen satisfies ReviewDecision });
      } catch (error) {
        const refusal = refusalOf(error);
        status = refusal.status;
        faults.push(...refusal.faults.map((fault) => ({ ...fault, field: `row-${position}` })));
      }
    }
    if (faults.length > 0) return show(req, res, { faults, status });
    const address = new URLSearchParams({
      ...(fieldOf(req.query, 'show') === 'all' && { show: 'all' }),
      done: 'decided',
    });
    res.redirect(303, `${REVIEWS_PATH}/${id}?${address.toString()}`);
  }

  async function close(req: Request, res: Response): Promise<void> {
    const id = String(req.params['id']);
    try {
      await closeReview(visitorOf(req).ctx, id);
    } catch (error) {
      return show(req, res, refusalOf(error));
    }
    res.redirect(303, `${REVIEWS_PATH}/${id}?done=closed`);
  }

  const cells = (row: ReviewRow, words: Words, t: Translate): string[] => [
    row.subjectName,
    row.userName ?? '',
    row.roleName ?? words.applicationOf(row.application ?? ''),
    row.accountNumber ?? '',
    row.roleId === null
      ? words
          .listsOf(boxOf(row))
          .map(({ label: list, values }) => `${list}: ${values.join(', ')}`)
          .join('; ')
      : '',
    creatorLabel(row.givenBy, t),
    row.givenAt.toISOString(),
    row.validUntil?.toISOString() ?? '',
    row.lastUsedOn ?? '',
    t(`reviews:decision.${row.decision ?? 'none'}`),
    row.decidedBy ? creatorLabel(row.decidedBy, t) : '',
    row.decidedAt?.toISOString() ?? '',
  ];

  async function* table(req: Request, res: Response, id: string): AsyncGenerator<string[][]> {
    const t = translatorOf(settings.site, res);
    for await (const rows of eachReviewRow(visitorOf(req).ctx, id)) {
      const { words } = await wordsOf(req, res, rows);
      yield rows.map((row) => cells(row, words, t));
    }
  }

  async function exported(req: Request, res: Response): Promise<void> {
    const t = translatorOf(settings.site, res);
    const { id, dueOn } = await findReview(visitorOf(req).ctx, String(req.params['id']));
    const header = COLUMNS.map((column) => t(`reviews:column.${column}`));
    await sendCsv(res, `${t('reviews:file')}-${dueOn}`, header, table(req, res, id));
  }

  return { show: (req: Request, res: Response) => show(req, res), decide, close, exported };
}
