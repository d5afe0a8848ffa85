// How a connection is served: strictness, If-Match, dry run, and values taken from another attribute.
import type { Request, Response } from 'express';
import { HubError } from '../../errors.ts';
import { changeConnectionSettings, type AttributeMapping } from '../../provisioning/connection-settings.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formValues, refusalOf, type Fault } from '../../web/refusal.ts';
import { openConnection } from './connection-desk.ts';

const SWITCHES = ['dryRun', 'strict', 'ifMatchRequired'] as const;
/** Empty lines after those that stand, for more. */
const SPARE = 2;
const MOST = 20;

export function connectionSettingsPages(settings: PortalSettings) {
  const { render } = settings;

  async function show(
    req: Request,
    res: Response,
    more: { mapping?: readonly AttributeMapping[]; errors?: readonly Fault[]; status?: number } = {},
  ): Promise<void> {
    const desk = await openConnection(settings, req, res, 'settings');
    const { settings: stored } = desk.connection;
    const { errors, status = 200 } = more;
    const typed = errors ? formValues(req.body, 'on') : undefined;
    const mapping = more.mapping ?? stored.mapping;
    const empty = Array.from({ length: Math.min(SPARE, MOST - mapping.length) }, () => ({ from: '', to: '' }));
    const saved = req.query['done'] === 'settings_saved';
    render(
      res,
      'portal/connections/settings',
      {
        ...desk.frame,
        action: `${desk.path}/settings`,
        switches: SWITCHES.map((key) => ({ key, on: typed ? typed.includes(key) : stored[key] })),
        mapping: [...mapping, ...empty],
        ...(saved && { notice: { kind: 'ok', text: desk.t('connections:done.settings_saved') } }),
        ...(errors && { errors }),
      },
      { status },
    );
  }

  async function save(req: Request, res: Response): Promise<void> {
    const { ctx, connection, path } = await openConnection(settings, req, res, 'settings');
    const on = formValues(req.body, 'on');
    const [from, to] = [formValues(req.body, 'from'), formValues(req.body, 'to')];
    const mapping = from
      .map((one, i) => ({ from: one.trim(), to: (to[i] ?? '').trim() }))
      .filter((one) => one.from !== '' || one.to !== '');
    try {
      await changeConnectionSettings(ctx, connection.id, {
        strict: on.includes('strict'),
        ifMatchRequired: on.includes('ifMatchRequired'),
        dryRun: on.includes('dryRun'),
        mapping,
      });
    } catch (error) {
      if (error instanceof HubError && error.code === 'invalid_input')
        return show(req, res, {
          mapping,
          errors: [{ key: 'connections:fault.mapping', field: 'from-0' }],
          status: 422,
        });
      const { faults, status } = refusalOf(error);
      return show(req, res, { mapping, errors: faults, status });
    }
    res.redirect(303, `${path}/settings?done=settings_saved`);
  }

  return { show: (req: Request, res: Response) => show(req, res), save };
}
