// The organization's connections with their states, and the making of a new one.
import type { Request, Response } from 'express';
import { createConnection, PRODUCTS } from '../../provisioning/connection.ts';
import { listConnectionOverviews } from '../../provisioning/connection-overview.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { CONNECTIONS, handsOver, manager } from './connection-desk.ts';
import { nameIn, tellingOf } from './setup-steps.ts';
import { daysLeft, shownState } from './shown.ts';

export function connectionList(settings: PortalSettings) {
  const { render } = settings;

  async function list(req: Request, res: Response): Promise<void> {
    const { visitor, chief } = await handsOver(req);
    const telling = tellingOf(settings, res, visitor.ctx);
    const connections = await listConnectionOverviews(visitor.ctx);
    const ended = req.query['done'] === 'ended';
    render(res, 'portal/connections/list', {
      ...(await shellLocals(visitor, 'connections')),
      newHref: `${CONNECTIONS}/new`,
      chief,
      connections: connections.map((one) => ({
        ...one,
        href: chief ? `${CONNECTIONS}/${one.id}` : `${CONNECTIONS}/${one.id}/existing`,
        state: shownState(one, telling),
        left: daysLeft(one.endsNext, visitor.ctx.now),
      })),
      ...(ended && { notice: { kind: 'ok', text: telling.t('connections:done.ended') } }),
    });
  }

  async function askNew(
    req: Request,
    res: Response,
    form: Readonly<Record<string, string>> = {},
    faults: readonly Fault[] = [],
    status = 200,
  ): Promise<void> {
    const visitor = await manager(req);
    render(
      res,
      'portal/connections/new',
      {
        ...(await shellLocals(visitor, 'connections')),
        listHref: CONNECTIONS,
        action: `${CONNECTIONS}/new`,
        products: PRODUCTS,
        form,
        ...(faults.length > 0 && { errors: faults }),
      },
      { status },
    );
  }

  async function create(req: Request, res: Response): Promise<void> {
    const { ctx } = await manager(req);
    const { t } = tellingOf(settings, res, ctx);
    const form = formFields(req.body);
    const product = PRODUCTS.find((one) => one === form['product']);
    if (!product) return askNew(req, res, form, [{ key: 'connections:fault.product', field: 'product-entra' }], 422);
    // Left empty it is called as the product is.
    const name = form['name']?.trim() === '' ? t(`connections:product.${product}.name`) : nameIn(form['name']);
    if (name === undefined) return askNew(req, res, form, [{ key: 'connections:fault.name', field: 'name' }], 422);
    try {
      const { id } = await createConnection(ctx, { name, product });
      res.redirect(303, `${CONNECTIONS}/${id}/setup?done=created`);
    } catch (error) {
      const { faults, status } = refusalOf(error);
      await askNew(req, res, form, faults, status);
    }
  }

  return { list, askNew: (req: Request, res: Response) => askNew(req, res), create };
}
