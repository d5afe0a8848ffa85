// The catalogue as the operator edits it: the list of applications, the text of one with the line of every fault, its names in
// four languages, and its logo. Publishing a draft: see publish-pages.ts.
import type { Request, Response } from 'express';
import { logoAddresses, setLogo } from '../../applications/application-logo.ts';
import { LANGUAGES, type Labels } from '../../applications/application.ts';
import { checkSource, type CatalogueFault } from '../../applications/catalogue.ts';
import { labelsIn, withLabels } from '../../applications/change-labels.ts';
import {
  drafted,
  dropDraft,
  listVersions,
  readApplicationText,
  saveDraft,
} from '../../applications/draft-application.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import type { OperatorRoute } from '../mount.ts';
import type { OperatorSettings } from '../operator-settings.ts';
import { shellLocals } from '../shell.ts';
import { staffOf } from '../staff.ts';
import { uploadedFile } from '../upload.ts';
import { AT, PATH, placeOf } from './application-place.ts';
import { publishPages } from './publish-pages.ts';

const faultsError = (faults: readonly CatalogueFault[]): Fault[] => [
  { key: 'catalogue-editor:faults', values: { count: faults.length }, field: 'source' },
];

export function applicationPages(settings: OperatorSettings): OperatorRoute[] {
  const { render, catalogue } = settings;
  const { nameOf, keyOf } = placeOf(settings);

  async function list(req: Request, res: Response): Promise<void> {
    const { ctx } = staffOf(req);
    const [drafts, logos, shell] = await Promise.all([
      drafted(ctx),
      logoAddresses(),
      shellLocals(settings, req, res, 'applications'),
    ]);
    const fresh = [...drafts].filter((key) => !catalogue.has(key));
    render(res, 'operator/applications/list', {
      ...shell,
      path: PATH,
      applications: [
        ...[...catalogue.values()].map(({ key, codes, dimensions, profiles }) => ({
          key,
          codes,
          dimensions,
          profiles: profiles.length,
        })),
        ...fresh.map((key) => ({ key, codes: [], dimensions: [], profiles: 0 })),
      ].map((one) => ({
        ...one,
        name: nameOf(one.key, res),
        logo: logos.get(one.key),
        draft: drafts.has(one.key),
        fresh: !catalogue.has(one.key),
      })),
    });
  }

  async function page(
    req: Request,
    res: Response,
    typed?: string,
    faults: readonly CatalogueFault[] = [],
    errors: readonly Fault[] = [],
    status = 200,
  ) {
    const { ctx } = staffOf(req);
    const key = keyOf(req);
    const text = await readApplicationText(ctx, key);
    const source = typed ?? text.draft?.source ?? text.published;
    const sound = faults.length === 0 && checkSource({ file: key, text: source }).application !== undefined;
    const [versions, logos, shell] = await Promise.all([
      listVersions(ctx, key),
      logoAddresses(),
      shellLocals(settings, req, res, 'applications'),
    ]);
    render(
      res,
      'operator/applications/application',
      {
        ...shell,
        text,
        name: nameOf(key, res),
        at: `${PATH}/${key}`,
        source,
        faults,
        names: sound ? labelsIn(source) : [],
        languages: LANGUAGES,
        versions,
        logo: logos.get(key),
        known: catalogue.has(key),
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  const back = (req: Request, res: Response, done: string) => res.redirect(303, `${PATH}/${keyOf(req)}?done=${done}`);

  async function save(req: Request, res: Response): Promise<void> {
    const { source = '' } = formFields(req.body);
    const faults = await saveDraft(staffOf(req).ctx, keyOf(req), source);
    if (faults.length > 0) return page(req, res, source, faults, faultsError(faults), 422);
    back(req, res, 'saved');
  }

  async function saveNames(req: Request, res: Response): Promise<void> {
    const { ctx } = staffOf(req);
    const text = await readApplicationText(ctx, keyOf(req));
    const fields = formFields(req.body);
    const source = text.draft?.source ?? text.published;
    const changed = Object.fromEntries(
      labelsIn(source).map(({ name, labels }) => [
        name,
        Object.fromEntries(LANGUAGES.map((one) => [one, (fields[`${name}.${one}`] ?? labels[one]).trim()])) as Labels,
      ]),
    );
    const next = withLabels(source, changed);
    const faults = await saveDraft(ctx, keyOf(req), next);
    if (faults.length > 0) return page(req, res, next, faults, faultsError(faults), 422);
    back(req, res, 'saved');
  }

  async function drop(req: Request, res: Response): Promise<void> {
    await dropDraft(staffOf(req).ctx, keyOf(req));
    res.redirect(303, `${PATH}?done=ended`);
  }

  async function logo(req: Request, res: Response): Promise<void> {
    const remove = formFields(req.body)['act'] === 'remove';
    try {
      await setLogo(staffOf(req).ctx, keyOf(req), remove ? null : (uploadedFile(req) ?? new Uint8Array()));
    } catch (error) {
      const { status } = refusalOf(error);
      return page(req, res, undefined, [], [{ key: 'catalogue-editor:logo.refused', field: 'logo' }], status);
    }
    back(req, res, 'saved');
  }

  async function create(req: Request, res: Response): Promise<void> {
    const { key = '', source = '' } = formFields(req.body);
    const faults = source === '' ? [] : await saveDraft(staffOf(req).ctx, key.trim(), source);
    if (source !== '' && faults.length === 0) return void res.redirect(303, `${PATH}/${key.trim()}?done=created`);
    const shell = await shellLocals(settings, req, res, 'applications');
    const errors = faults.length > 0 ? faultsError(faults) : undefined;
    render(
      res,
      'operator/applications/new',
      { ...shell, path: PATH, key, source, faults, errors },
      { status: errors ? 422 : 200 },
    );
  }

  return [
    { method: 'get', path: '/applications', needs: 'applications.read', handle: list },
    { method: 'get', path: '/applications/new', needs: 'applications.write', handle: create },
    { method: 'post', path: '/applications/new', needs: 'applications.write', handle: create },
    { method: 'get', path: AT, needs: 'applications.read', handle: (req, res) => page(req, res) },
    { method: 'post', path: AT, needs: 'applications.write', handle: save },
    { method: 'post', path: `${AT}/names`, needs: 'applications.write', handle: saveNames },
    { method: 'post', path: `${AT}/drop`, needs: 'applications.write', handle: drop },
    { method: 'post', path: `${AT}/logo`, needs: 'applications.write', handle: logo },
    ...publishPages(settings),
  ];
}
