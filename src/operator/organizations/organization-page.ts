// One organization: what it is, who leads it, its customer accounts and subscriptions, and its settings.
import type { Request, Response } from 'express';
import { HubError } from '../../errors.ts';
import { findApproval } from '../../approvals/list-approvals.ts';
import { label } from '../../applications/catalogue.ts';
import { ORGANIZATION_ATTRIBUTES, type Dimension } from '../../applications/application.ts';
import { changeOrganization } from '../../organizations/change-organization.ts';
import { appointChief, createChief } from '../../organizations/create-chief.ts';
import { createCustomerAccount } from '../../organizations/create-customer-account.ts';
import { listCustomerAccounts } from '../../organizations/find-customer-account.ts';
import { findOrganization } from '../../organizations/find-organization.ts';
import { listChiefs } from '../../organizations/list-chiefs.ts';
import { listSubscriptions, type Subscription } from '../../organizations/set-subscription.ts';
import { openSupportConsents } from '../../support/list-support.ts';
import { findByUserName } from '../../users/find-by-user-name.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import { formFields, formValues, refusalOf, type Fault } from '../../web/refusal.ts';
import type { OperatorRoute } from '../mount.ts';
import type { OperatorSettings } from '../operator-settings.ts';
import { personIn, type PersonForm } from '../person-form.ts';
import { shellLocals } from '../shell.ts';
import { staffIn } from '../staff.ts';
import { PATH } from './list.ts';

const SWITCHES = ['ftp', 'router', 'deactivateOnly'] as const;
const AT = '/organizations/:organization';
const MOST_SHOWN = 200;

type Forms = { person: PersonForm; account: { number: string; name: string; address: string }; userName: string };

export function organizationPages(settings: OperatorSettings): OperatorRoute[] {
  const { render, site, catalogue } = settings;
  const idOf = (req: Request): string => String(req.params['organization']);
  const ctxOf = (req: Request) => staffIn(req, idOf(req));

  const formsFrom = (req: Request, res: Response): Forms => {
    const fields = formFields(req.body);
    const { number = '', name = '', address = '', user = '' } = fields;
    const person = personIn(fields);
    return {
      person: fields['language'] === undefined ? { ...person, language: languageOf(res, site) } : person,
      account: { number, name, address },
      userName: user,
    };
  };

  function shownSubscription(
    res: Response,
    { id, customerAccountId, application, values, validFrom, validUntil }: Subscription,
  ) {
    const t = translatorOf(site, res);
    const found = catalogue.get(application);
    return {
      id,
      customerAccountId,
      application: found ? label(found.label, languageOf(res, site)) : application,
      lists: (found?.dimensions ?? []).map((dimension: Dimension) => {
        const given = values[dimension];
        const text =
          given === '*'
            ? t('operator:subscription.all')
            : t('operator:subscription.some', { count: given?.length ?? 0 });
        return { label: t(`rights:list.${dimension}`), text };
      }),
      validFrom,
      validUntil,
    };
  }

  async function page(req: Request, res: Response, errors: readonly Fault[] = [], status = 200): Promise<void> {
    const ctx = ctxOf(req);
    const organization = await findOrganization(ctx, idOf(req));
    const [chiefs, accounts, subscriptions, closing, consents, shell] = await Promise.all([
      listChiefs(ctx),
      listCustomerAccounts(ctx),
      listSubscriptions(ctx),
      findApproval(ctx, 'close_organization', organization.id),
      openSupportConsents(ctx),
      shellLocals(settings, req, res, 'organizations'),
    ]);
    const bySubscription = Map.groupBy(subscriptions, ({ customerAccountId }) => customerAccountId);
    render(
      res,
      'operator/organizations/organization',
      {
        ...shell,
        organization,
        at: `${PATH}/${organization.id}`,
        chiefs,
        accounts: accounts.slice(0, MOST_SHOWN).map((account) => ({
          ...account,
          subscriptions: (bySubscription.get(account.id) ?? []).map((one) => shownSubscription(res, one)),
        })),
        more: Math.max(0, accounts.length - MOST_SHOWN),
        attributes: ORGANIZATION_ATTRIBUTES,
        switches: SWITCHES,
        closing,
        consents,
        form: formsFrom(req, res).person,
        accountForm: formsFrom(req, res).account,
        appointed: formsFrom(req, res).userName,
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  /** Does it and comes back; a refusal is said on the page itself. */
  const act =
    (
      done: string,
      work: (req: Request, res: Response) => Promise<unknown>,
      say: (code: string) => Fault | undefined = () => undefined,
    ) =>
    async (req: Request, res: Response): Promise<void> => {
      try {
        await work(req, res);
      } catch (error) {
        const { status, code, faults } = refusalOf(error);
        const said = say(code);
        return page(req, res, said ? [said] : faults, status);
      }
      res.redirect(303, `${PATH}/${idOf(req)}?done=${done}`);
    };

  const save = act('saved', (req) => {
    const { name = '', username, address } = formFields(req.body);
    const ticked = formValues(req.body, 'tick');
    return changeOrganization(ctxOf(req), idOf(req), {
      name,
      attributes: Object.fromEntries(ORGANIZATION_ATTRIBUTES.map((one) => [one, ticked.includes(one)])),
      settings: {
        ...Object.fromEntries(SWITCHES.map((one) => [one, ticked.includes(one)])),
        ...(username === 'email' || username === 'free' ? { username } : {}),
        ...(address === undefined ? {} : { address }),
      },
    });
  });

  const invite = act(
    'invited',
    (req) => createChief(ctxOf(req), personIn(formFields(req.body))),
    (code) =>
      code === 'uniqueness'
        ? { key: 'users:fault.userName.taken', field: 'userName' }
        : code === 'invalid_input'
          ? { key: 'operator:chief.incomplete', field: 'givenName' }
          : undefined,
  );

  const appoint = act(
    'saved',
    async (req) => {
      const user = await findByUserName(ctxOf(req), formFields(req.body)['user'] ?? '');
      if (!user) throw new HubError('invalid_input', 'Nobody has this username.');
      await appointChief(ctxOf(req), user.id);
    },
    (code) => (code === 'invalid_input' ? { key: 'operator:chief.unknown', field: 'user' } : undefined),
  );

  const addAccount = act(
    'created',
    (req) => {
      const { number = '', name = '', address = '' } = formFields(req.body);
      return createCustomerAccount(ctxOf(req), { number: number.trim(), name, address });
    },
    (code) =>
      code === 'uniqueness'
        ? { key: 'operator:account.number_taken', field: 'number' }
        : code === 'invalid_input'
          ? { key: 'operator:account.incomplete', field: 'number' }
          : undefined,
  );

  return [
    { method: 'get', path: AT, needs: 'organizations.read', handle: (req, res) => page(req, res) },
    { method: 'post', path: `${AT}/settings`, needs: 'organizations.write', handle: save },
    { method: 'post', path: `${AT}/chiefs`, needs: 'users.write', handle: invite },
    { method: 'post', path: `${AT}/chiefs/appoint`, needs: 'users.write', handle: appoint },
    { method: 'post', path: `${AT}/accounts`, needs: 'organizations.write', handle: addAccount },
  ];
}
