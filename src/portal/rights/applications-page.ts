// "Choose the application for which you want to grant rights": one row for each application that the organization may
// have, and for each in which the person or group holds something although it may not any more.
import type { Request, Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import { applicationsOf } from '../../entitlements/acting-accounts.ts';
import { effectiveEntitlements } from '../../entitlements/effective.ts';
import type { Holder } from '../../entitlements/holder.ts';
import { languageOf } from '../../web/page.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { openDesk } from './desk.ts';

export const applicationsPage =
  (settings: PortalSettings, kind: Holder['kind']) =>
  async (req: Request, res: Response): Promise<void> => {
    const desk = await openDesk(settings, req, res, kind);
    const { acting, subject, locks } = desk;
    const language = languageOf(res, settings.site);
    const standing = await desk.acts.standing(desk.ctx);
    const own = new Set(effectiveEntitlements(acting.snapshot).effective.map((one) => one.entitlement.application));
    const administered = new Set(desk.accounts.map(({ id }) => id));
    const available = new Set(
      [...applicationsOf(acting)].flatMap(([key, accounts]) =>
        accounts.some((id) => administered.has(id)) ? [key] : [],
      ),
    );
    const rows = [...settings.catalogue.values()].flatMap((application) => {
      const { key } = application;
      const held = standing.filter(({ entitlement }) => entitlement.application === key);
      if (!available.has(key) && held.length === 0) return [];
      const path = `${subject.path}/rights/${key}`;
      const mayCopy = own.has(key) && locks.subject === null && subject.id !== acting.userId;
      return [
        {
          label: label(application.label, language),
          ...(application.description ? { description: label(application.description, language) } : {}),
          state: held.length === 0 ? 'none' : held.some(({ effect }) => effect !== 'none') ? 'held' : 'without_effect',
          entitlements: held.length,
          selectHref: path,
          ...(mayCopy ? { copyHref: `${path}/copy` } : {}),
        },
      ];
    });
    settings.render(res, 'portal/rights/applications', {
      ...desk.frame,
      rows,
      lock: locks.subject?.code,
      ...(kind === 'user' ? { whyHref: `${subject.path}/why` } : {}),
    });
  };
