// Reviews: the list of them, starting one, and the schedule.
import type { Request, Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import type { OrganizationCtx } from '../../context.ts';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import { HubError } from '../../errors.ts';
import { findGroupByName } from '../../groups/find-by-name.ts';
import { listGroupPage } from '../../groups/group-pages.ts';
import { listGroupNames } from '../../groups/list-group-names.ts';
import { listReviews, REVIEW_SCOPES, type Review } from '../../reviews/review.ts';
import { findSchedule, setSchedule } from '../../reviews/schedule.ts';
import { startReview } from '../../reviews/start-review.ts';
import type { Translate } from '../../texts.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import { accessTabs } from '../access/access-tabs.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { dayOf } from '../../web/days.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';

export const REVIEWS_PATH = '/portal/reviews';
const MONTHS = [1, 3, 6, 12] as const;
/** Of more groups one is found by its name. */
const MOST_LISTED = 200;
const MOST_FOUND = 20;

/** What a review is about, in words. */
export function scopeOf(
  { scope, scopeId, groupName }: Review,
  settings: PortalSettings,
  res: Response,
  t: Translate,
): string {
  if (scope === 'all') return t('reviews:scope.all');
  if (scope === 'group') return t('reviews:scope.group_named', { group: groupName ?? scopeId });
  const application = settings.catalogue.get(scopeId ?? '');
  const named = application ? label(application.label, languageOf(res, settings.site)) : scopeId;
  return t('reviews:scope.application_named', { application: named });
}

type Named = { readonly id: string; readonly name: string };

/** The group of exactly this name, else those that have it in theirs: one more than are shown at most. */
async function groupsNamed(ctx: OrganizationCtx, name: string): Promise<readonly Named[]> {
  const exact = await findGroupByName(ctx, name);
  if (exact) return [{ id: exact.id, name }];
  return (await listGroupPage(ctx, { search: name, size: MOST_FOUND + 1 })).groups;
}

/** A refusal beside the field that it speaks of, where it speaks of one. */
function faultsOf(error: unknown, field: string): { faults: readonly Fault[]; status: number } {
  if (error instanceof HubError && error.code === 'invalid_input')
    return { faults: [{ key: `reviews:fault.${field}`, field }], status: 422 };
  return refusalOf(error);
}

export function reviewListPages(settings: PortalSettings) {
  async function show(
    req: Request,
    res: Response,
    {
      faults = [],
      status = 200,
      found = [],
    }: { faults?: readonly Fault[]; status?: number; found?: readonly Named[] } = {},
  ): Promise<void> {
    const visitor = visitorOf(req);
    const { ctx } = visitor;
    const t = translatorOf(settings.site, res);
    const language = languageOf(res, settings.site);
    const rank = await checkAdministers(ctx);
    const [reviews, schedule, groups, shell] = await Promise.all([
      listReviews(ctx),
      findSchedule(ctx),
      listGroupNames(ctx, { most: MOST_LISTED + 1 }),
      shellLocals(visitor, 'access'),
    ]);
    const fields = formFields(req.body);
    settings.render(
      res,
      'portal/reviews/list',
      {
        ...shell,
        tabs: accessTabs('reviews'),
        reviews: reviews.map((review) => ({
          ...review,
          href: `${REVIEWS_PATH}/${review.id}`,
          about: scopeOf(review, settings, res, t),
          due: new Date(`${review.dueOn}T12:00:00Z`),
          decided: review.kept + review.removed,
        })),
        scopes: REVIEW_SCOPES.map((value) => ({ value, label: t(`reviews:scope.${value}`) })),
        // Those of the name that was typed, where there are several; else all, unless they are too many to look through.
        groups: (found.length > 0 ? found : groups.length > MOST_LISTED ? [] : groups).map(({ id, name }) => ({
          value: id,
          label: name,
          selected: id === fields['group'],
        })),
        byName: groups.length > MOST_LISTED,
        groupName: fields['group_name'] ?? '',
        applications: [...settings.catalogue.values()].map(({ key, label: labels }) => ({
          value: key,
          label: label(labels, language),
          selected: key === fields['application'],
        })),
        scope: fields['scope'] ?? 'all',
        due: fields['due'] ?? dayOf(ctx.now.getTime() + 30 * 86_400_000, settings.site.timeZone),
        schedule,
        nextDay: schedule ? new Date(`${schedule.nextOn}T12:00:00Z`) : undefined,
        mayPlan: rank === 'chief',
        months: MONTHS.map((value) => ({
          value,
          label: t('reviews:schedule.every', { count: value }),
          selected: value === schedule?.everyMonths,
        })),
        ...(req.query['done'] === 'schedule' && { notice: { kind: 'ok', text: t('reviews:schedule.saved') } }),
        ...(faults.length > 0 && { errors: faults }),
      },
      { status },
    );
  }

  async function start(req: Request, res: Response): Promise<void> {
    const { ctx } = visitorOf(req);
    const fields = formFields(req.body);
    const { scope = '', group = '', application = '', due = '' } = fields;
    const known = REVIEW_SCOPES.find((one) => one === scope) ?? 'all';
    const typed = (fields['group_name'] ?? '').trim();
    const named = known === 'group' && group === '' && typed !== '' ? await groupsNamed(ctx, typed) : undefined;
    if (named && named.length !== 1) {
      const key = named.length === 0 ? 'group_unknown' : named.length > MOST_FOUND ? 'group_many' : 'group_several';
      const fault = { key: `reviews:fault.${key}`, values: { name: typed, count: named.length }, field: 'group_name' };
      return show(req, res, { faults: [fault], status: 422, found: named.slice(0, MOST_FOUND) });
    }
    const scopeId = known === 'all' ? null : known === 'group' ? (named?.[0]?.id ?? group) : application;
    if (scopeId === '') return show(req, res, { faults: [{ key: 'reviews:fault.scope', field: known }], status: 422 });
    try {
      const { id } = await startReview(ctx, { scope: known, scopeId, dueOn: due });
      res.redirect(303, `${REVIEWS_PATH}/${id}`);
    } catch (error) {
      return show(req, res, faultsOf(error, 'due'));
    }
  }

  async function plan(req: Request, res: Response): Promise<void> {
    const { ctx } = visitorOf(req);
    const { months = '', next = '' } = formFields(req.body);
    try {
      await setSchedule(ctx, months === '' ? null : { everyMonths: Number(months), nextOn: next });
    } catch (error) {
      return show(req, res, faultsOf(error, 'next'));
    }
    res.redirect(303, `${REVIEWS_PATH}?done=schedule`);
  }

  return { show: (req: Request, res: Response) => show(req, res), start, plan };
}
