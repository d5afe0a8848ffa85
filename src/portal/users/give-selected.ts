// "Give rights" to the users that were ticked in the list: in which application and on which customer account, then one
// entitlement in the same editor as for one person, then what each of them would get or why not, then the act. The chosen
// users travel in the forms, so that nothing has to be remembered.
import type { Request, Response } from 'express';
import type { Application } from '../../applications/application.ts';
import { label } from '../../applications/catalogue.ts';
import { actingAccounts, applicationsOf, resourcesOf, type ActingAccount } from '../../entitlements/acting-accounts.ts';
import { loadActing, mayAdminister, type Acting } from '../../entitlements/acting.ts';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import type { Entitlement } from '../../entitlements/box.ts';
import { giveToMany, MOST_RECEIVERS, previewGivingToMany } from '../../entitlements/give-to-many.ts';
import type { Gift } from '../../entitlements/give-rights.ts';
import type { Outcome } from '../../entitlements/weigh-many.ts';
import { HubError } from '../../errors.ts';
import { whoIsTold, type Told } from '../../notices/who-is-told.ts';
import type { ListedUser } from '../../users/listed-user.ts';
import { languageOf } from '../../web/page.ts';
import { toProblem } from '../../web/problem.ts';
import { translatorOf } from '../../web/render.ts';
import { ceilingEnd, ceilingOn } from '../rights/ceiling-end.ts';
import { listChanges } from '../rights/changes.ts';
import { fieldOf } from '../rights/desk.ts';
import { editorLists, type Editing } from '../rights/editor-lists.ts';
import { editorParts, givenFrom, tickAll, type PlacedFaults } from '../rights/editor-parts.ts';
import { carriesState, entitlementOf, fieldsFor, readState, type EditorState } from '../rights/editor-state.ts';
import { asRefusal, faultsOf, issueFaults } from '../rights/refusal-words.ts';
import { wordsFor, type Words } from '../rights/words.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { groupedByGain, reportedBy, splitOutcomes } from './give-outcomes.ts';
import { LIST_PATH, LIST_START, listHref } from './list-query.ts';
import { selectedUsers } from './selected.ts';

const WHERE = `${LIST_PATH}/selection`;
const ACTION = `${WHERE}/rights`;
type Giving = {
  readonly acting: Acting;
  readonly users: readonly ListedUser[];
  readonly application: Application;
  readonly account: ActingAccount;
  readonly words: Words;
  readonly state: EditorState;
  readonly frame: Record<string, unknown>;
};

export function giveSelectedPages(settings: PortalSettings) {
  const { site, render, catalogue } = settings;

  /** What the organization may have and the visitor give: applications, and the customer accounts of each. */
  async function places(acting: Acting) {
    const accounts = (await actingAccounts(acting)).filter(({ id }) => mayAdminister(acting, [id]));
    const known = new Set(accounts.map(({ id }) => id));
    const applications = [...applicationsOf(acting)].flatMap(([key, ids]) => {
      const application = catalogue.get(key);
      return application && ids.some((id) => known.has(id)) ? [{ application, accountIds: new Set(ids) }] : [];
    });
    return { accounts, applications };
  }

  /** The first page; `fault`: what was chosen there does not go together. */
  async function chooseWhere(
    req: Request,
    res: Response,
    users: readonly ListedUser[],
    fault?: { readonly application: string; readonly account: string },
  ): Promise<void> {
    const visitor = visitorOf(req);
    const language = languageOf(res, site);
    const { accounts, applications } = await places(await loadActing(visitor.ctx));
    render(
      res,
      'portal/users/give-where',
      {
        ...(await shellLocals(visitor, 'my_users')),
        listHref: LIST_PATH,
        action: ACTION,
        users,
        applications: applications.map(({ application: { key, label: name } }) => ({
          key,
          label: label(name, language),
          chosen: key === fault?.application,
        })),
        accounts: accounts.map(({ id, number, name, owner }) => ({
          id,
          label: [number, name, owner].filter((part) => part !== null && part !== '').join(', '),
          chosen: id === fault?.account,
        })),
        ...(fault && { errors: [{ key: 'users:selection.no_such_place', field: 'account' }] }),
      },
      { status: fault ? 422 : 200 },
    );
  }

  async function open(req: Request, res: Response): Promise<Giving | undefined> {
    const visitor = visitorOf(req);
    const { ctx } = visitor;
    await checkAdministers(ctx);
    const users = await selectedUsers(ctx, req.body, MOST_RECEIVERS);
    if (users.length === 0) {
      res.redirect(303, listHref(LIST_START, {}, LIST_PATH, 'none'));
      return undefined;
    }
    const acting = await loadActing(ctx);
    const { accounts, applications } = await places(acting);
    const asked = {
      application: fieldOf(req.body, 'application'),
      account: fieldOf(req.body, 'account').toLowerCase(),
    };
    const place = applications.find(({ application }) => application.key === asked.application);
    const account = accounts.find(({ id }) => id === asked.account);
    if (!place || !account || !place.accountIds.has(account.id)) {
      await chooseWhere(req, res, users, asked);
      return undefined;
    }
    const { application } = place;
    const t = translatorOf(site, res);
    const words = wordsFor({
      catalogue,
      language: languageOf(res, site),
      t,
      accounts,
      resources: await resourcesOf(acting, [account.id]),
    });
    const sent = readState(req.body, application);
    const end = acting.unbounded ? undefined : ceilingEnd({ acting, settings }, application, account.id);
    const people = t('users:selection.people', { count: users.length });
    return {
      acting,
      users,
      application,
      account,
      words,
      state: carriesState(req.body) ? sent : { ...sent, until: end?.day ?? '' },
      frame: {
        ...(await shellLocals(visitor, 'my_users')),
        subjectName: people,
        applicationLabel: label(application.label, words.language),
        account: words.accountOf(account.id),
        trail: [{ href: LIST_PATH, text: t('users:list.title') }, { text: people }],
        path: LIST_PATH,
        action: ACTION,
      },
    };
  }

  const editingOf = ({ acting, application, state, words }: Giving): Editing => ({
    acting,
    application,
    state,
    words,
    readOnly: false,
    self: false,
    deactivateOnly: false,
  });

  /** Fields that say for whom it is and in which application. */
  const fieldsOfWhom = ({ application, users }: Giving) => [
    ['application', application.key] as const,
    ...users.map(({ id }) => ['user', id] as const),
  ];

  function showEditor(
    res: Response,
    giving: Giving,
    { status = 200, faults }: { status?: number; faults?: PlacedFaults } = {},
  ): void {
    const { application, account, acting, frame } = giving;
    const parts = editorParts(editingOf(giving), ceilingEnd({ acting, settings }, application, account.id), faults);
    render(
      res,
      'portal/rights/edit',
      {
        ...frame,
        ...parts,
        carried: [...fieldsOfWhom(giving), ...parts.carried],
        isNew: true,
        consent: false,
        mayConsent: false,
        deactivateOnly: false,
      },
      { status },
    );
  }

  /** What the form means; its faults of form otherwise. */
  function giftOf({ acting, application, account, state }: Giving, now: Date) {
    const read = entitlementOf(state, application, {
      ceiling: ceilingOn({ acting }, application, account.id),
      timeZone: site.timeZone,
      now,
    });
    if (!read.entitlement) return { faults: issueFaults(read.issues) };
    const { entitlement } = read;
    const gift: Gift = { ...givenFrom(application, entitlement), customerAccountId: account.id };
    return { entitlement, gift };
  }

  function refuse(res: Response, giving: Giving, error: unknown): void {
    const refusal = asRefusal(error);
    const { application, account, words } = giving;
    showEditor(res, giving, {
      status: toProblem(refusal).status,
      faults: (idOf) => faultsOf(refusal, words, { application, accountId: account.id, idOf }),
    });
  }

  function showPreview(
    res: Response,
    giving: Giving,
    entitlement: Entitlement,
    { outcomes, told, at }: { outcomes: readonly Outcome[]; told: ReadonlyMap<string, Told>; at: Date },
  ): void {
    const { words, application, account, state, frame, users } = giving;
    const { from, until } = entitlement.validity;
    const { receivers, refused } = splitOutcomes(outcomes, users, words);
    render(res, 'portal/users/give-preview', {
      ...frame,
      carried: [...fieldsOfWhom(giving), ...fieldsFor(state)],
      changes: listChanges(application, undefined, entitlement).map(({ dimension, added }) => ({
        label: words.t(`rights:list.${dimension}`),
        values: words.namesOf(application, account.id, dimension, added),
      })),
      profile: words.profileOf(entitlement),
      from: from === null || from <= at.getTime() ? undefined : new Date(from),
      until: until === null ? undefined : new Date(until - 1),
      groups: groupedByGain(receivers, words),
      reported: reportedBy(receivers, words),
      refused,
      count: receivers.length,
      told: [...Map.groupBy(receivers, ({ user }) => told.get(user.id) ?? 'never')].map(([key, some]) => ({
        key,
        count: some.length,
      })),
      toHimself: giving.acting.unbounded && receivers.some(({ user }) => user.id === giving.acting.userId),
    });
  }

  async function send(req: Request, res: Response): Promise<void> {
    let giving: Giving | undefined;
    try {
      giving = await open(req, res);
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'too_many') throw error;
      return res.redirect(303, listHref(LIST_START, {}, LIST_PATH, 'too_many_given'));
    }
    if (!giving) return;
    const { ctx } = visitorOf(req);
    const act = fieldOf(req.body, 'act');
    const list = fieldOf(req.body, 'all');
    if (list !== '') return showEditor(res, withAllOf(giving, list));
    if (act !== 'preview' && act !== 'save') return showEditor(res, giving);
    const { gift, entitlement, faults } = giftOf(giving, ctx.now);
    if (faults) return showEditor(res, giving, { status: 422, faults: () => faults });
    const input = { userIds: giving.users.map(({ id }) => id), gifts: [gift] };
    try {
      if (act === 'preview') {
        const outcomes = await previewGivingToMany(ctx, input, giving.acting);
        const told = await whoIsTold(ctx, 'rights', input.userIds);
        return showPreview(res, giving, entitlement, { outcomes, told, at: ctx.now });
      }
      const outcomes = await giveToMany(ctx, input, giving.acting);
      const { receivers, refused } = splitOutcomes(outcomes, giving.users, giving.words);
      render(res, 'portal/users/selection-done', {
        ...giving.frame,
        listHref: LIST_PATH,
        act: 'give',
        possible: receivers,
        refused,
      });
    } catch (error) {
      return refuse(res, giving, error);
    }
  }

  function withAllOf(giving: Giving, list: string): Giving {
    const found = editorLists(editingOf(giving)).lists.find(({ dimension }) => dimension === list);
    if (!found) return giving;
    const { ticks } = giving.state;
    return { ...giving, state: { ...giving.state, ticks: { ...ticks, [found.dimension]: tickAll(ticks, found) } } };
  }

  return { chooseWhere, send };
}
