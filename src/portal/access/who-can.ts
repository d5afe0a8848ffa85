// "Who can do this?": an application, what of its lists one likes, a customer account; and everybody to whom it was given,
// with his ways, whether it has effect, and the way on to "why".
import type { Request, Response } from 'express';
import type { Application, Dimension } from '../../applications/application.ts';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import { loadActing, type Acting } from '../../entitlements/acting.ts';
import { actingAccounts, applicationsOf, mayBeSeen, type ActingAccount } from '../../entitlements/acting-accounts.ts';
import type { Cause } from '../../entitlements/effective.ts';
import { whoCan, type WhoCanLine, type WhoCanQuestion } from '../../entitlements/who-can.ts';
import { listReceivedMandates } from '../../mandates/find-mandate.ts';
import type { Translate } from '../../texts.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { fieldOf } from '../rights/desk.ts';
import { actingWords } from '../rights/acting-words.ts';
import { accountOptions, applicationOptions } from '../rights/options.ts';
import { whyAddress } from '../rights/why-address.ts';
import type { Words } from '../rights/words.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { accessTabs } from './access-tabs.ts';

const PATH = '/portal/access';
const SIZE = 25;
/** The ways of one line; the page that explains shows the others. */
const MOST_WAYS = 3;

type Option = { value: string; label: string; selected: boolean };

/** Values that may be asked about: of a customer's account only what its mandate names. */
function listsOf(
  application: Application,
  account: ActingAccount | undefined,
  { acting, words, asked }: { acting: Acting; words: Words; asked: WhoCanQuestion['values'] },
): { dimension: Dimension; label: string; options: Option[] }[] {
  const isSeen = account ? mayBeSeen(acting, account.id, application.key) : () => false;
  const resources = (account && acting.snapshot.accounts.get(account.id)?.resources) ?? [];
  return application.dimensions.flatMap((dimension) => {
    const isResource = dimension === 'contracts' || dimension === 'billing_addresses';
    // Contracts are those of one customer account.
    if (isResource && !account) return [];
    const values = isResource
      ? resources.flatMap(({ kind, number }) => (kind === dimension && isSeen(dimension, number) ? [number] : []))
      : application[dimension].map(({ key }) => key);
    return [
      {
        dimension,
        label: words.t(`rights:one.${dimension}`),
        options: values.map((value) => ({
          value,
          label: words.valueOf(application, account?.id ?? '', dimension, value),
          selected: asked[dimension] === value,
        })),
      },
    ];
  });
}

function wayText({ groupPath, role, mandates }: Cause, givers: ReadonlyMap<string, string>, t: Translate): string {
  const steps = [
    groupPath.length > 0
      ? t('access:way.group', { groups: groupPath.map(({ name }) => name).join(' › ') })
      : t('access:way.direct'),
    ...(role ? [t('access:way.role', { role: role.name })] : []),
    ...mandates.flatMap((id) => {
      const giver = givers.get(id);
      return giver === undefined ? [] : [t('access:way.mandate', { giver })];
    }),
  ];
  return steps.join(' · ');
}

export const whoCanPage = (settings: PortalSettings) => async (req: Request, res: Response) => {
  const visitor = visitorOf(req);
  const { ctx } = visitor;
  const t = translatorOf(settings.site, res);
  await checkAdministers(ctx);
  const acting = await loadActing(ctx);
  const accounts = await actingAccounts(acting);
  const known = applicationsOf(acting);
  const applications = [...settings.catalogue.values()].filter(({ key }) => known.has(key));
  const application = applications.find(({ key }) => key === fieldOf(req.query, 'application'));
  const account = accounts.find(({ id }) => id === fieldOf(req.query, 'account').toLowerCase());
  const words = await actingWords(settings, res, { acting, accounts }, account ? [account.id] : []);
  const typed = application
    ? application.dimensions.flatMap((dimension): [Dimension, string][] => {
        const value = fieldOf(req.query, dimension);
        return value === '' ? [] : [[dimension, value]];
      })
    : [];
  const lists = application ? listsOf(application, account, { acting, words, asked: Object.fromEntries(typed) }) : [];
  const values = Object.fromEntries(
    lists.flatMap(({ dimension, options }) => {
      const chosen = options.find(({ selected }) => selected);
      return chosen ? [[dimension, chosen.value]] : [];
    }),
  ) as WhoCanQuestion['values'];
  const after = fieldOf(req.query, 'after');
  const question = application && {
    application: application.key,
    ...(account && { customerAccountId: account.id }),
    values,
  };
  const found = question && (await whoCan(ctx, { ...question, size: SIZE, ...(after !== '' && { after }) }));
  const givers = new Map((await listReceivedMandates(ctx)).map(({ id, giverName }) => [id, giverName]));
  const row = (line: WhoCanLine) => {
    const ways = [...new Set(line.causes.map((cause) => wayText(cause, givers, t)))];
    const asked = {
      ...line.entitlement,
      values: { ...line.entitlement.values, ...Object.fromEntries(Object.entries(values).map(([k, v]) => [k, [v]])) },
    };
    return {
      ...line,
      href: line.kind === 'person' ? `/portal/users/${line.userId}` : undefined,
      account: words.accountOf(line.entitlement.customerAccount).title,
      ways: ways.slice(0, MOST_WAYS),
      more: Math.max(0, ways.length - MOST_WAYS),
      whyHref: whyAddress(`/portal/users/${line.userId}`, acting, asked),
    };
  };
  const address = new URLSearchParams([
    ...(application ? [['application', application.key] as [string, string]] : []),
    ...(account ? [['account', account.id] as [string, string]] : []),
    ...Object.entries(values),
  ]);
  settings.render(res, 'portal/access/who-can', {
    ...(await shellLocals(visitor, 'access')),
    tabs: accessTabs('who_can'),
    applications: applicationOptions(applications, application?.key, words),
    accounts: accountOptions(accounts, account?.id, words),
    lists,
    people: found?.people.map(row),
    firstHref: after === '' ? undefined : `${PATH}?${address.toString()}`,
    nextHref: found?.next ? `${PATH}?${address.toString()}&after=${encodeURIComponent(found.next)}` : undefined,
  });
};
