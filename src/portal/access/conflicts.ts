// Who holds what one person should not hold together, with the way to each side of it.
import type { Request, Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import type { Cause } from '../../entitlements/effective.ts';
import { listConflicting } from '../../entitlements/list-conflicting.ts';
import { pairName, pairsIn } from '../../entitlements/separation.ts';
import type { Translate } from '../../texts.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { accessTabs } from './access-tabs.ts';

const PATH = '/portal/access/conflicts';
const MOST_WAYS = 3;

function waysIn(causes: readonly Cause[], t: Translate): string[] {
  const ways = causes.map(({ groupPath, role }) =>
    [
      groupPath.length > 0
        ? t('access:way.group', { groups: groupPath.map(({ name }) => name).join(' › ') })
        : t('access:way.direct'),
      ...(role ? [t('access:way.role', { role: role.name })] : []),
    ].join(' · '),
  );
  return [...new Set(ways)].slice(0, MOST_WAYS);
}

export const conflictsPage = (settings: PortalSettings) => async (req: Request, res: Response) => {
  const visitor = visitorOf(req);
  const { catalogue, site } = settings;
  const [t, language] = [translatorOf(site, res), languageOf(res, site)];
  const after = req.query['after'];
  const { conflicts, next } = await listConflicting(visitor.ctx, typeof after === 'string' ? { after } : {});
  const applicationOf = (key: string): string => {
    const found = catalogue.get(key);
    return found ? label(found.label, language) : key;
  };
  settings.render(res, 'portal/access/conflicts', {
    ...(await shellLocals(visitor, 'access')),
    tabs: accessTabs('conflicts'),
    known: pairsIn(catalogue).length > 0,
    conflicts: conflicts.map(({ userId, userName, name, pair, customerNumber, causes }) => ({
      href: `/portal/users/${userId}`,
      userName,
      name,
      pair: label(pairName(catalogue, pair), language),
      applications: [...new Set([pair.a.application, pair.b.application].map(applicationOf))].join(', '),
      account: customerNumber ?? '–',
      ways: [...new Set([...waysIn(causes.a, t), ...waysIn(causes.b, t)])],
    })),
    firstHref: after === undefined ? undefined : PATH,
    nextHref: next === null ? undefined : `${PATH}?after=${next}`,
  });
};
