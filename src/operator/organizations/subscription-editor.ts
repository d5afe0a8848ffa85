// The editor of a subscription: the lists of an application side by side as in the rights editor, each with "all, also future
// ones". A limit has no profile and no minimum but one value in each list. A preview says what changes and for how many.
import type { Request, Response } from 'express';
import type { Application, Dimension } from '../../applications/application.ts';
import { findApplication, label } from '../../applications/catalogue.ts';
import { HubError } from '../../errors.ts';
import type { LimitValues } from '../../entitlements/check-limit.ts';
import { findCustomerAccount, listResources, type ResourceRecord } from '../../organizations/find-customer-account.ts';
import { findOrganization } from '../../organizations/find-organization.ts';
import {
  endSubscription,
  listSubscriptions,
  setSubscription,
  type Subscription,
} from '../../organizations/set-subscription.ts';
import { subscriptionEffect } from '../../organizations/subscription-effect.ts';
import { dayOf, endOfDay, lastDayOf, startOfDay } from '../../web/days.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import { formFields, formValues, refusalOf, type Fault } from '../../web/refusal.ts';
import type { OperatorRoute } from '../mount.ts';
import type { OperatorSettings } from '../operator-settings.ts';
import { shellLocals } from '../shell.ts';
import { staffIn } from '../staff.ts';
import { accountPath } from './account-page.ts';

const AT = '/organizations/:organization/accounts/:account/subscriptions';

type Span = { readonly validFrom: Date | null; readonly validUntil: Date | null };
type Form = { values: LimitValues; from: string; until: string };

export function subscriptionPages(settings: OperatorSettings): OperatorRoute[] {
  const { render, site, catalogue } = settings;

  async function open(req: Request) {
    const ctx = staffIn(req, String(req.params['organization']));
    const organization = await findOrganization(ctx, ctx.organizationId);
    const account = await findCustomerAccount(ctx, String(req.params['account']));
    const id = req.params['subscription'];
    const stored =
      id === undefined
        ? undefined
        : (await listSubscriptions(ctx)).find(
            (one) => one.id === String(id).toLowerCase() && one.customerAccountId === account.id,
          );
    if (id !== undefined && !stored) throw new HubError('not_found', 'There is no such subscription.');
    const asked = stored?.application ?? formFields(req.body)['application'] ?? req.query['application'];
    const application = findApplication(catalogue, typeof asked === 'string' ? asked : '');
    return { ctx, organization, account, stored, application, resources: await listResources(ctx, account.id) };
  }
  type Opened = Awaited<ReturnType<typeof open>>;

  const formOf = (stored: Subscription | undefined): Form => ({
    values: stored?.values ?? {},
    from: stored?.validFrom ? dayOf(stored.validFrom, site.timeZone) : '',
    until: stored?.validUntil ? lastDayOf(stored.validUntil, site.timeZone) : '',
  });

  /** What the days mean; undefined where one is none, or the end comes before the beginning. */
  function spanOf({ stored }: Opened, form: Form): Span | undefined {
    const before = formOf(stored);
    const { timeZone } = site;
    // An instant that no form wrote, within a day that was left as it stood, stays.
    const read = (text: string, shown: string, held: Date | null | undefined, meaning: typeof startOfDay) =>
      text === shown ? (held ?? null) : text === '' ? null : meaning(text, timeZone);
    const validFrom = read(form.from, before.from, stored?.validFrom, startOfDay);
    const validUntil = read(form.until, before.until, stored?.validUntil, endOfDay);
    if (validFrom === undefined || validUntil === undefined) return undefined;
    return validFrom && validUntil && validUntil <= validFrom ? undefined : { validFrom, validUntil };
  }

  function formIn(req: Request, application: Application): Form {
    const { from = '', until = '' } = formFields(req.body);
    const values = Object.fromEntries(
      application.dimensions.map((dimension) => {
        const ticked = formValues(req.body, dimension);
        return [dimension, ticked.includes('*') ? ('*' as const) : ticked];
      }),
    );
    return { values, from, until };
  }

  const valuesOf = (
    application: Application,
    dimension: Dimension,
    resources: readonly ResourceRecord[],
    res: Response,
  ) => {
    const language = languageOf(res, site);
    if (dimension === 'contracts' || dimension === 'billing_addresses')
      return resources
        .filter(({ kind }) => kind === dimension)
        .map(({ number, label: text, address, state }) => ({
          value: number,
          label: `${number} ${text}`,
          note: address,
          closed: state === 'closed',
        }));
    return application[dimension].map((one) => ({
      value: one.key,
      label: label(one.label, language),
      note: one.means ? label(one.means, language) : '',
      closed: one.retired === true,
    }));
  };

  function listsOf({ application, resources, stored }: Opened, { values }: Form, res: Response) {
    const t = translatorOf(site, res);
    const has = (of: LimitValues, dimension: Dimension, value: string) => {
      const given = of[dimension];
      return given === '*' ? value === '*' : (given ?? []).includes(value);
    };
    return application.dimensions.map((dimension) => {
      const all = { value: '*', label: t(`rights:all.${dimension}`), note: t('rights:all.note'), closed: false };
      const items = [all, ...valuesOf(application, dimension, resources, res)].map((item, index) => {
        const [now, before] = [has(values, dimension, item.value), has(stored?.values ?? {}, dimension, item.value)];
        return {
          ...item,
          id: `${dimension}-${index}`,
          ticked: now,
          held: before,
          change: now === before ? undefined : now ? 'added' : 'removed',
        };
      });
      return { dimension, label: t(`rights:list.${dimension}`), items };
    });
  }

  const common = async (req: Request, res: Response, opened: Opened) => {
    const { organization, account, application, stored } = opened;
    const base = `${accountPath(organization.id, account.id)}/subscriptions`;
    return {
      ...(await shellLocals(settings, req, res, 'organizations')),
      organization,
      account,
      accountHref: accountPath(organization.id, account.id),
      application: { key: application.key, label: label(application.label, languageOf(res, site)) },
      action: stored ? `${base}/${stored.id}` : `${base}/new`,
      isNew: stored === undefined,
    };
  };

  async function edit(
    req: Request,
    res: Response,
    opened: Opened,
    form: Form,
    errors: readonly Fault[] = [],
    status = 200,
  ) {
    render(
      res,
      'operator/organizations/subscription',
      {
        ...(await common(req, res, opened)),
        lists: listsOf(opened, form, res),
        form,
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  async function preview(req: Request, res: Response, opened: Opened, form: Form, span: Span): Promise<void> {
    const lists = listsOf(opened, form, res);
    const before = formOf(opened.stored);
    const effect = await subscriptionEffect(opened.ctx, opened.account.id, opened.application.key);
    render(res, 'operator/organizations/subscription-preview', {
      ...(await common(req, res, opened)),
      lists,
      form,
      ...span,
      effect,
      // Nothing is lost where "all" takes the place of some.
      narrows: lists.some(({ items }) => items.some(({ change }) => change === 'removed') && !items[0]?.ticked),
      changed:
        lists.some(({ items }) => items.some(({ change }) => change)) ||
        before.from !== form.from ||
        before.until !== form.until,
      datesChanged: before.from !== form.from || before.until !== form.until,
    });
  }

  async function save(req: Request, res: Response, opened: Opened, form: Form, span: Span): Promise<void> {
    try {
      await setSubscription(opened.ctx, {
        ...(opened.stored && { id: opened.stored.id }),
        customerAccountId: opened.account.id,
        application: opened.application.key,
        values: form.values,
        ...span,
      });
    } catch (error) {
      const { status, faults, code } = refusalOf(error);
      return edit(
        req,
        res,
        opened,
        form,
        code === 'invalid_input' ? [{ key: 'operator:subscription.incomplete' }] : faults,
        status,
      );
    }
    res.redirect(303, `${accountPath(opened.organization.id, opened.account.id)}?done=saved`);
  }

  const show = async (req: Request, res: Response): Promise<void> => {
    const opened = await open(req);
    await edit(req, res, opened, formOf(opened.stored));
  };

  async function post(req: Request, res: Response): Promise<void> {
    const opened = await open(req);
    const form = formIn(req, opened.application);
    const missing = opened.application.dimensions.find((dimension) => form.values[dimension]?.length === 0);
    if (missing !== undefined)
      return edit(req, res, opened, form, [{ key: 'operator:subscription.incomplete', field: `list-${missing}` }], 422);
    const { act } = formFields(req.body);
    if (act === 'edit') return edit(req, res, opened, form);
    const span = spanOf(opened, form);
    if (!span) return edit(req, res, opened, form, [{ key: 'operator:subscription.no_day', field: 'from' }], 422);
    return act === 'save' ? save(req, res, opened, form, span) : preview(req, res, opened, form, span);
  }

  async function showEnd(req: Request, res: Response): Promise<void> {
    const opened = await open(req);
    const effect = await subscriptionEffect(opened.ctx, opened.account.id, opened.application.key);
    render(res, 'operator/organizations/subscription-end', { ...(await common(req, res, opened)), effect });
  }

  async function end(req: Request, res: Response): Promise<void> {
    const { ctx, organization, account, stored } = await open(req);
    await endSubscription(ctx, stored?.id ?? '');
    res.redirect(303, `${accountPath(organization.id, account.id)}?done=ended`);
  }

  return [
    { method: 'get', path: `${AT}/new`, needs: 'limits.write', handle: show },
    { method: 'post', path: `${AT}/new`, needs: 'limits.write', handle: post },
    { method: 'get', path: `${AT}/:subscription`, needs: 'limits.read', handle: show },
    { method: 'post', path: `${AT}/:subscription`, needs: 'limits.write', handle: post },
    { method: 'get', path: `${AT}/:subscription/end`, needs: 'limits.write', handle: showEnd },
    { method: 'post', path: `${AT}/:subscription/end`, needs: 'limits.write', handle: end },
  ];
}
