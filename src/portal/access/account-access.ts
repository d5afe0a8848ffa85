// "Access" among the settings of a customer number: choose the number, then the user, then what he is authorized for. For
// holders of both settings rights of the number, and for administrators.
import type { Request, Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import { loadActing, mayAdminister, notPermitted } from '../../entitlements/acting.ts';
import { actingAccounts, applicationsOf, type ActingAccount } from '../../entitlements/acting-accounts.ts';
import { locksOn } from '../../entitlements/locks.ts';
import { authorizationsOf, isAuthorization, setAuthorizations } from '../../entitlements/set-authorizations.ts';
import { standingIn } from '../../entitlements/standing.ts';
import { coverage } from '../../entitlements/covers.ts';
import { findByUserName } from '../../users/find-by-user-name.ts';
import { findUser } from '../../users/find-user.ts';
import { nameOf } from '../../users/user-row.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formValues, refusalOf, type Fault } from '../../web/refusal.ts';
import { fieldOf } from '../rights/desk.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';

const PATH = '/portal/account-settings/access';

export function accountAccessPages(settings: PortalSettings) {
  /** The customer numbers whose access the visitor manages. Throws HubError `not_permitted` where there is none. */
  async function open(req: Request) {
    const visitor = visitorOf(req);
    const { ctx } = visitor;
    const acting = await loadActing(ctx);
    const accounts = (await actingAccounts(acting)).filter(({ id }) => mayAdminister(acting, [id]));
    if (accounts.length === 0) throw notPermitted();
    const asked = fieldOf(req.query, 'account').toLowerCase();
    const account = accounts.find(({ id }) => id === asked);
    const typed = fieldOf(req.query, 'user').trim();
    const found = typed === '' ? undefined : await findByUserName(ctx, typed);
    const user = found && (await findUser(ctx, found.id));
    return { visitor, ctx, acting, accounts, account, typed, user };
  }
  type Opened = Awaited<ReturnType<typeof open>>;

  /** The ticks, each with what stands in its way. */
  async function choices(res: Response, { ctx, acting, user }: Opened, account: ActingAccount) {
    if (!user) return undefined;
    const language = languageOf(res, settings.site);
    const subject = { kind: 'user' as const, id: user.id };
    const known = applicationsOf(acting);
    const [standing, locks] = await Promise.all([standingIn(ctx, subject), locksOn(ctx, acting, subject)]);
    const own = standing.filter(({ entitlement }) => entitlement.customerAccount === account.id);
    const ceiling = coverage(acting.ceiling);
    return [...settings.catalogue.values()]
      .filter((one) => isAuthorization(one) && known.get(one.key)?.includes(account.id))
      .flatMap((application) =>
        application.rights.map((right) => {
          const box = {
            application: application.key,
            customerAccount: account.id,
            values: { rights: [right.key] },
            validity: { from: ctx.now.getTime(), until: null },
          };
          const holds = own.filter(
            ({ entitlement }) =>
              entitlement.application === application.key && entitlement.values.rights?.includes(right.key) === true,
          );
          const direct = holds.some((one) => one.direct);
          const lacks = ceiling.missing(box).length > 0 ? ('grantor_lacks_right' as const) : undefined;
          const lock = direct
            ? locks.ending({ ...box, validity: { from: null, until: null } })
            : locks.giving(account.id);
          const indirect = holds.find((one) => !one.direct)?.causes[0];
          return {
            name: `${application.key} ${right.key}`,
            label: label(right.label, language),
            application: label(application.label, language),
            means: right.means ? label(right.means, language) : undefined,
            held: direct,
            reason: right.retired === true ? 'retired' : (lock?.code ?? (direct ? undefined : lacks)),
            by: indirect && [
              ...indirect.groupPath.map(({ name }) => name),
              ...(indirect.role ? [indirect.role.name] : []),
            ],
          };
        }),
      );
  }

  async function show(
    req: Request,
    res: Response,
    { faults = [], status = 200 }: { faults?: readonly Fault[]; status?: number } = {},
  ): Promise<void> {
    const opened = await open(req);
    const { visitor, ctx, accounts, account, typed, user } = opened;
    const t = translatorOf(settings.site, res);
    const seen = account && user ? await authorizationsOf(ctx, { userId: user.id, customerAccountId: account.id }) : [];
    const flat = seen.filter(({ application }) => {
      const known = settings.catalogue.get(application ?? '');
      return known !== undefined && isAuthorization(known);
    });
    const unknown = typed !== '' && !user;
    const all = [...faults, ...(unknown ? [{ key: 'access:account.unknown', field: 'user' }] : [])];
    const done = req.query['done'];
    settings.render(
      res,
      'portal/access/account-access',
      {
        ...(await shellLocals(visitor, 'my_accounts')),
        accounts: accounts.map(({ id, number, name, owner }) => ({
          value: id,
          label: [number, ...(name === '' ? [] : [name]), ...(owner === null ? [] : [owner])].join(', '),
          selected: id === account?.id,
        })),
        typed,
        name: user ? nameOf(user.document) : undefined,
        choices: account ? await choices(res, opened, account) : undefined,
        seen: flat.map(({ id }) => id),
        action: `${PATH}?${new URLSearchParams({ account: account?.id ?? '', user: typed }).toString()}`,
        fault: unknown ? 'access:account.unknown' : undefined,
        ...(done === 'saved' && { notice: { kind: 'ok', text: t('access:account.saved') } }),
        ...(all.length > 0 && { errors: all }),
      },
      { status: all.length > 0 && status === 200 ? 422 : status },
    );
  }

  async function save(req: Request, res: Response): Promise<void> {
    const { ctx, account, user, typed } = await open(req);
    if (!account || !user) return show(req, res);
    const ticked = new Set(formValues(req.body, 'authorization'));
    const rights = new Map(
      [...settings.catalogue.values()]
        .filter(isAuthorization)
        .map((one): [string, string[]] => [
          one.key,
          one.rights.flatMap(({ key }) => (ticked.has(`${one.key} ${key}`) ? [key] : [])),
        ]),
    );
    try {
      const seen = formValues(req.body, 'seen');
      await setAuthorizations(ctx, { userId: user.id, customerAccountId: account.id, rights, seen });
    } catch (error) {
      return show(req, res, refusalOf(error));
    }
    const address = new URLSearchParams({ account: account.id, user: typed, done: 'saved' });
    res.redirect(303, `${PATH}?${address.toString()}`);
  }

  return { show: (req: Request, res: Response) => show(req, res), save };
}
