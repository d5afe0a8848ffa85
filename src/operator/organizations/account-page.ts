// One customer account: its contracts and billing addresses, which come as a table by file or pasted, and its subscriptions.
import type { Request, Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import type { Dimension } from '../../applications/application.ts';
import { HubError } from '../../errors.ts';
import { decodeText } from '../../imports/decode-text.ts';
import { findCustomerAccount, listResources } from '../../organizations/find-customer-account.ts';
import { findOrganization } from '../../organizations/find-organization.ts';
import { putResources } from '../../organizations/put-resources.ts';
import { readResourcesCsv, RESOURCE_COLUMNS } from '../../organizations/read-resources-csv.ts';
import { listSubscriptions } from '../../organizations/set-subscription.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import type { OperatorRoute } from '../mount.ts';
import type { OperatorSettings } from '../operator-settings.ts';
import { shellLocals } from '../shell.ts';
import { staffIn } from '../staff.ts';
import { uploadedFile } from '../upload.ts';
import { PATH } from './list.ts';

const AT = '/organizations/:organization/accounts/:account';
const MOST_SHOWN = 500;

export const accountPath = (organizationId: string, accountId: string): string =>
  `${PATH}/${organizationId}/accounts/${accountId}`;

export function accountPages(settings: OperatorSettings): OperatorRoute[] {
  const { render, site, catalogue } = settings;
  const keysOf = (req: Request) => ({
    ctx: staffIn(req, String(req.params['organization'])),
    id: String(req.params['account']),
  });

  async function page(
    req: Request,
    res: Response,
    table = '',
    errors: readonly Fault[] = [],
    status = 200,
  ): Promise<void> {
    const { ctx, id } = keysOf(req);
    const organization = await findOrganization(ctx, ctx.organizationId);
    const account = await findCustomerAccount(ctx, id);
    const [resources, subscriptions, shell] = await Promise.all([
      listResources(ctx, account.id),
      listSubscriptions(ctx),
      shellLocals(settings, req, res, 'organizations'),
    ]);
    const t = translatorOf(site, res);
    const language = languageOf(res, site);
    const own = subscriptions.filter(({ customerAccountId }) => customerAccountId === account.id);
    const taken = new Set(own.map(({ application }) => application));
    render(
      res,
      'operator/organizations/account',
      {
        ...shell,
        organization,
        account,
        at: accountPath(organization.id, account.id),
        resources: resources.slice(0, MOST_SHOWN),
        more: Math.max(0, resources.length - MOST_SHOWN),
        total: resources.length,
        columns: RESOURCE_COLUMNS.join(','),
        table,
        subscriptions: own.map(({ id: subscription, application, values, validFrom, validUntil }) => ({
          id: subscription,
          label: label(
            catalogue.get(application)?.label ?? { nl: application, fr: application, de: application, en: application },
            language,
          ),
          lists: (catalogue.get(application)?.dimensions ?? []).map((dimension: Dimension) => {
            const given = values[dimension];
            return {
              label: t(`rights:list.${dimension}`),
              text:
                given === '*'
                  ? t('operator:subscription.all')
                  : t('operator:subscription.some', { count: given?.length ?? 0 }),
            };
          }),
          validFrom,
          validUntil,
        })),
        addable: [...catalogue.values()].map((one) => ({
          key: one.key,
          label: label(one.label, language),
          has: taken.has(one.key),
        })),
        changed: typeof req.query['changed'] === 'string' ? Number(req.query['changed']) : undefined,
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  async function put(req: Request, res: Response): Promise<void> {
    const { ctx, id } = keysOf(req);
    const file = uploadedFile(req);
    const { table = '' } = formFields(req.body);
    try {
      const text = file ? decodeText(file).text : table;
      const changed = await putResources(ctx, { customerAccountId: id, resources: await readResourcesCsv(text) });
      res.redirect(303, `${accountPath(ctx.organizationId, id)}?changed=${changed}`);
    } catch (error) {
      const { status } = refusalOf(error);
      const message = error instanceof HubError ? error.message : '';
      await page(req, res, table, [{ key: 'operator:resources.refused', values: { message }, field: 'table' }], status);
    }
  }

  return [
    { method: 'get', path: AT, needs: 'organizations.read', handle: (req, res) => page(req, res) },
    { method: 'post', path: `${AT}/resources`, needs: 'organizations.write', handle: put },
  ];
}
