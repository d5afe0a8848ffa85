// "Contact an administrator": who can give rights, for an application and a customer account, with their addresses.
import type { Request, Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import { loadActing } from '../../entitlements/acting.ts';
import { actingAccounts } from '../../entitlements/acting-accounts.ts';
import { canGive, givingAdministrators } from '../../entitlements/administrators-of.ts';
import { languageOf } from '../../web/page.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { fieldOf } from '../rights/desk.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';

export const administratorsPage = (settings: PortalSettings) => async (req: Request, res: Response) => {
  const visitor = visitorOf(req);
  const { ctx, userId } = visitor;
  const language = languageOf(res, settings.site);
  const [reached, all] = await Promise.all([loadActing(ctx).then(actingAccounts), givingAdministrators(ctx)]);
  // Whose customers the organization works for is not for everybody.
  const accounts = reached.filter(({ owner }) => owner === null);
  const application = settings.catalogue.get(fieldOf(req.query, 'application'));
  const account = accounts.find(({ id }) => id === fieldOf(req.query, 'account').toLowerCase());
  const found = all.filter(
    (one) =>
      (application === undefined || canGive(one, application.key, account?.id)) &&
      (account === undefined || one.ceiling.some(({ customerAccount }) => customerAccount === account.id)),
  );
  settings.render(res, 'portal/access/administrators', {
    ...(await shellLocals(visitor, 'home')),
    applications: [...settings.catalogue.values()].map(({ key, label: labels }) => ({
      value: key,
      label: label(labels, language),
      selected: key === application?.key,
    })),
    accounts: accounts.map(({ id, number, name }) => ({
      value: id,
      label: name === '' ? number : `${number}, ${name}`,
      selected: id === account?.id,
    })),
    administrators: found.map(({ id, name, email, chief, ceiling }) => {
      const his = new Set(ceiling.map(({ customerAccount }) => customerAccount));
      return {
        name,
        email,
        chief,
        himself: id === userId,
        // For which customer numbers he can authorize.
        numbers: accounts.flatMap((one) => (his.has(one.id) ? [one.number] : [])),
      };
    }),
  });
};
