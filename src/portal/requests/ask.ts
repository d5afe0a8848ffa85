// "Ask for access": what the application is, who can give it, for which customer number, what and why. Reached from a locked
// tile, from the page of an application that one has no access to, or from an application's own link, which may name the
// customer number and the values: /portal/ask?application=emasspost&number=0001234567&rights=create_deposit
import type { Request, Response } from 'express';
import type { Application, FixedDimension } from '../../applications/application.ts';
import { label } from '../../applications/catalogue.ts';
import { administratorsOf } from '../../entitlements/administrators-of.ts';
import { isFixed } from '../../entitlements/value-rule.ts';
import { HubError } from '../../errors.ts';
import { visibleAccounts } from '../../organizations/visible-accounts.ts';
import { askForAccess, LONGEST } from '../../requests/ask-for-access.ts';
import { waitingByApplication, type Wanted } from '../../requests/request-row.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { refusalOf, type Refusal } from '../../web/refusal.ts';
import { fieldOf, fieldsOf } from '../rights/desk.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';

export const REQUESTS = '/portal/requests';
/** The choice "another number, or I do not know it". */
const OTHER = 'other';

const fixedLists = (application: Application): FixedDimension[] => application.dimensions.filter(isFixed);

export function askPages(settings: PortalSettings) {
  const { catalogue, site } = settings;

  /** By key, or by a code that other systems use for it. Throws HubError `not_found`. */
  function applicationIn(source: unknown): Application {
    const name = fieldOf(source, 'application');
    const found = catalogue.get(name) ?? [...catalogue.values()].find(({ codes }) => codes.includes(name));
    if (!found) throw new HubError('not_found', `There is no application "${name}".`);
    return found;
  }

  async function render(req: Request, res: Response, source: unknown, refused?: Refusal): Promise<void> {
    const visitor = visitorOf(req);
    const { ctx, organizationId, userId } = visitor;
    const application = applicationIn(source);
    const language = languageOf(res, site);
    const t = translatorOf(site, res);
    const [{ own, foreign }, administrators, waiting, shell] = await Promise.all([
      visibleAccounts(ctx),
      administratorsOf(ctx, { application: application.key }),
      waitingByApplication(organizationId, userId),
      shellLocals(visitor, 'requests'),
    ]);
    const typed = fieldOf(source, 'number');
    const accounts = [
      ...own.map(({ id, number, name }) => ({ value: id, number, label: name === '' ? number : `${number}, ${name}` })),
      ...foreign.map(({ id, number, owner }) => ({
        value: id,
        number,
        label: t('requests:ask.of_number', { number, owner }),
      })),
    ];
    const asked = fieldOf(source, 'account');
    const named = accounts.find(({ value, number }) => value === asked || (asked === '' && number === typed));
    const chosen = named?.value ?? (accounts.length === 1 && typed === '' && asked === '' ? accounts[0]?.value : OTHER);
    const already = waiting.get(application.key);
    settings.render(
      res,
      'portal/requests/ask',
      {
        ...shell,
        ...(refused ? { errors: refused.faults } : {}),
        application: {
          key: application.key,
          label: label(application.label, language),
          ...(application.description ? { description: label(application.description, language) } : {}),
        },
        administrators: administrators.filter(({ id }) => id !== userId).map(({ name, chief }) => ({ name, chief })),
        accounts: accounts.map((one) => ({ ...one, chosen: one.value === chosen })),
        other: { value: OTHER, chosen: chosen === OTHER },
        typed: named ? '' : typed,
        lists: fixedLists(application).map((dimension) => {
          const ticked = fieldsOf(source, dimension);
          return {
            dimension,
            label: t(`rights:list.${dimension}`),
            open: ticked.length > 0,
            items: application[dimension]
              .filter(({ retired, placeholder }) => !retired && !placeholder)
              .map((value) => ({
                value: value.key,
                label: label(value.label, language),
                ...(value.means ? { note: label(value.means, language) } : {}),
                ticked: ticked.includes(value.key),
              })),
          };
        }),
        what: fieldOf(source, 'what'),
        reason: fieldOf(source, 'reason'),
        longest: LONGEST,
        ...(already ? { already: { ...already, href: `${REQUESTS}/${already.id}` } } : {}),
        action: '/portal/ask',
      },
      { status: refused?.status ?? 200 },
    );
  }

  async function send(req: Request, res: Response): Promise<void> {
    const body: unknown = req.body;
    const application = applicationIn(body);
    const account = fieldOf(body, 'account');
    const pairs = fixedLists(application).map((dimension) => [dimension, fieldsOf(body, dimension)] as const);
    const wanted = Object.fromEntries(pairs.filter(([, values]) => values.length > 0)) as Wanted;
    try {
      const { id } = await askForAccess(visitorOf(req).ctx, {
        application: application.key,
        ...(account === '' || account === OTHER
          ? { accountText: fieldOf(body, 'number') }
          : { customerAccountId: account }),
        wanted,
        wantedText: fieldOf(body, 'what'),
        reason: fieldOf(body, 'reason'),
      });
      res.redirect(303, `${REQUESTS}/${id}?done=asked`);
    } catch (error) {
      const refusal = refusalOf(error);
      const [issue] = (refusal.faults[0]?.values?.['issues'] ?? []) as { path?: string }[];
      const field = { reason: 'reason', wantedText: 'what', accountText: 'number' }[issue?.path ?? ''];
      const fault = field === undefined ? refusal.faults : [{ key: `requests:fault.${field}`, field }];
      return render(req, res, body, { ...refusal, faults: fault });
    }
  }

  return { show: (req: Request, res: Response) => render(req, res, req.query), send };
}
