// "Can this person do this, and why?" One combination asked, and the answer with every way by which he has it, as a
// picture and as a list; or what was given and has no effect. For administrators, and for everybody about himself.
import type { Request, Response } from 'express';
import type { Application, Dimension } from '../../applications/application.ts';
import type { OrganizationCtx } from '../../context.ts';
import { actingAccounts, mayBeSeen, type ActingAccount } from '../../entitlements/acting-accounts.ts';
import { loadActing, type Acting } from '../../entitlements/acting.ts';
import type { Cause } from '../../entitlements/effective.ts';
import { explainAccess } from '../../entitlements/explain-access.ts';
import { standingIn, type Standing } from '../../entitlements/standing.ts';
import { listReceivedMandates } from '../../mandates/find-mandate.ts';
import type { Translate } from '../../texts.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { actingWords } from './acting-words.ts';
import { dayText } from './day-text.ts';
import { fieldOf, openDesk } from './desk.ts';
import { accountOptions, applicationOptions } from './options.ts';
import { byOf, wayOf } from './way.ts';
import { layOut, stepsOf, type Step } from './why-graph.ts';
import type { Words } from './words.ts';

type Asking = {
  ctx: OrganizationCtx;
  acting: Acting;
  person: { id: string; name: string; himself: boolean };
  accounts: readonly ActingAccount[];
  /** For himself somebody may ask about what he was given; an administrator about everything. */
  standing: readonly Standing[];
  t: Translate;
  frame: Record<string, unknown>;
};

type Question = { application: Application; account: ActingAccount; combination: Partial<Record<Dimension, string>> };

export function whyPages(settings: PortalSettings) {
  async function aboutUser(req: Request, res: Response): Promise<void> {
    const desk = await openDesk(settings, req, res, 'user');
    const { ctx, acting, subject, accounts, t } = desk;
    const standing = await standingIn(ctx, { kind: 'user', id: subject.id });
    const himself = subject.id === acting.userId;
    return answer(req, res, {
      ctx,
      acting,
      accounts,
      standing,
      t,
      frame: { ...desk.frame, active: subject.active },
      person: { id: subject.id, name: subject.name, himself },
    });
  }

  async function aboutHimself(req: Request, res: Response): Promise<void> {
    const visitor = visitorOf(req);
    const { ctx, userId, name } = visitor;
    const acting = await loadActing(ctx);
    const standing = await standingIn(ctx, { kind: 'user', id: userId });
    const named = new Set(standing.map(({ entitlement }) => entitlement.customerAccount));
    const accounts = (await actingAccounts(acting)).filter(({ id }) => named.has(id));
    const t = translatorOf(settings.site, res);
    const frame = {
      ...(await shellLocals(visitor, 'home')),
      crumbs: [{ href: '/portal', text: t('shell:navigation.home') }],
      subjectName: name,
      active: true,
    };
    return answer(req, res, { ctx, acting, accounts, standing, t, frame, person: { id: userId, name, himself: true } });
  }

  /** Values that may be asked about, resources that the visitor may see among them. */
  function optionsOf(
    { acting, standing, person }: Asking,
    { application, account, combination }: Question,
    words: Words,
  ) {
    const isSeen = mayBeSeen(acting, account.id, application.key);
    const own = new Set(
      standing.flatMap(({ entitlement }) =>
        entitlement.customerAccount === account.id
          ? Object.entries(entitlement.values).flatMap(([dimension, list]) =>
              list === '*' ? [`${dimension} *`] : list.map((value) => `${dimension} ${value}`),
            )
          : [],
      ),
    );
    const resources = acting.snapshot.accounts.get(account.id)?.resources ?? [];
    return application.dimensions.map((dimension) => {
      const isResource = dimension === 'contracts' || dimension === 'billing_addresses';
      const values = isResource
        ? resources.flatMap(({ kind, number }) => (kind === dimension && isSeen(dimension, number) ? [number] : []))
        : application[dimension].map(({ key }) => key);
      const shown = values.filter(
        (value) =>
          !isResource ||
          !person.himself ||
          acting.rank !== 'none' ||
          own.has(`${dimension} *`) ||
          own.has(`${dimension} ${value}`),
      );
      return {
        dimension,
        label: words.t(`rights:one.${dimension}`),
        options: shown.map((value) => ({
          value,
          label: words.valueOf(application, account.id, dimension, value),
          selected: combination[dimension] === value,
        })),
      };
    });
  }

  async function answer(req: Request, res: Response, asking: Asking): Promise<void> {
    const { acting, accounts, person, standing } = asking;
    const given = new Set(standing.map(({ entitlement }) => entitlement.application));
    const all = [...settings.catalogue.values()].filter(
      ({ key }) => !person.himself || acting.rank !== 'none' || given.has(key),
    );
    const application =
      settings.catalogue.get(fieldOf(req.query, 'application')) ?? all.find(({ key }) => given.has(key)) ?? all[0];
    const heldOn = standing.find(({ entitlement }) => entitlement.application === application?.key)?.entitlement
      .customerAccount;
    const asked = fieldOf(req.query, 'account').toLowerCase();
    const account = accounts.find(({ id }) => id === asked) ?? accounts.find(({ id }) => id === heldOn) ?? accounts[0];
    const words = await actingWords(settings, res, { acting, accounts }, account ? [account.id] : []);
    const question = application &&
      account && {
        application,
        account,
        combination: Object.fromEntries(
          application.dimensions.map((dimension) => [dimension, fieldOf(req.query, dimension)]),
        ),
      };
    const lists = question ? optionsOf(asking, question, words) : [];
    const whole =
      question !== undefined &&
      fieldOf(req.query, 'application') !== '' &&
      lists.every(({ options }) => options.some(({ selected }) => selected));
    settings.render(res, 'portal/rights/why', {
      ...asking.frame,
      about: { id: person.id, himself: person.himself },
      applications: applicationOptions(all, application?.key, words),
      accounts: accountOptions(accounts, account?.id, words),
      lists,
      answer: question && whole ? await explained(asking, question, words) : undefined,
      rightsHref: person.himself || !application ? undefined : `/portal/users/${person.id}/rights/${application.key}`,
    });
  }

  async function explained(asking: Asking, { application, account, combination }: Question, words: Words) {
    const { ctx, person, t } = asking;
    const found = await explainAccess(ctx, {
      userId: person.id,
      application: application.key,
      customerAccount: account.id,
      combination,
    });
    const mandates = await mandateSteps(ctx, t);
    const values = application.dimensions.map((dimension) =>
      words.valueOf(application, account.id, dimension, combination[dimension] ?? ''),
    );
    const right: Step = {
      kind: 'right',
      key: 'right',
      title: words.applicationOf(application.key),
      note: values.length > 0 ? values.join(' · ') : t('rights:access'),
    };
    const day = (at: number | Date) => dayText(at, words.language, settings.site.timeZone);
    const steps = (cause: Cause): Step[] =>
      stepsOf(cause, {
        person: { kind: 'person', key: 'person', title: person.name, note: t('rights:why.person') },
        right,
        given: ({ givenBy, givenAt }) => ({
          title: t('rights:why.given_by', { by: byOf(givenBy, t) }),
          note: day(givenAt),
        }),
        kinds: { group: t('rights:why.group'), role: t('rights:why.role') },
        mandates,
      });
    const ways = found.causes.map((cause) => ({
      ...wayOf(cause, t),
      mandates: mandates(cause.mandates).map(({ title }) => title),
      ...(cause.validity.until === null ? {} : { until: new Date(cause.validity.until - 1) }),
    }));
    return {
      allowed: found.allowed,
      values,
      application: words.applicationOf(application.key),
      account: words.accountOf(account.id).title,
      ways,
      graph: found.allowed ? layOut(found.causes.map(steps)) : undefined,
      withheld: found.withheld.flatMap(({ code, causes }) => causes.map((cause) => ({ code, ...wayOf(cause, t) }))),
    };
  }

  return { aboutUser, aboutHimself };
}

/** Of a chain an organization sees its own link only: who gave it the mandate. */
async function mandateSteps(ctx: OrganizationCtx, t: Translate): Promise<(ids: readonly string[]) => Step[]> {
  const received = new Map((await listReceivedMandates(ctx)).map((mandate) => [mandate.id, mandate]));
  return (ids) =>
    ids.flatMap((id): Step[] => {
      const mandate = received.get(id);
      if (!mandate) return [];
      return [{ kind: 'mandate', key: id, title: mandate.giverName, note: t('rights:why.mandate') }];
    });
}
