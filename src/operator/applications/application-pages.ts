// The catalogue as the operator edits it: the list of applications, the text of one with the line of every fault, its names in
// four languages, its logo, and the publishing of a draft by two people after a look at what it does to what was given.
import type { Request, Response } from 'express';
import { dropApproval } from '../../approvals/ask-approval.ts';
import { findApproval } from '../../approvals/list-approvals.ts';
import { logoAddresses, setLogo } from '../../applications/application-logo.ts';
import { LANGUAGES, type Labels } from '../../applications/application.ts';
import { checkSource, label, type CatalogueFault } from '../../applications/catalogue.ts';
import { labelsIn, withLabels } from '../../applications/change-labels.ts';
import {
  askPublishing,
  confirmPublishing,
  drafted,
  dropDraft,
  listVersions,
  readApplicationText,
  saveDraft,
} from '../../applications/draft-application.ts';
import { draftEffect } from '../../applications/draft-effect.ts';
import { languageOf } from '../../web/page.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import type { OperatorRoute } from '../mount.ts';
import type { OperatorSettings } from '../operator-settings.ts';
import { shellLocals } from '../shell.ts';
import { staffOf } from '../staff.ts';
import { uploadedFile } from '../upload.ts';

const PATH = '/operator/applications';
const AT = '/applications/:application';

export function applicationPages(settings: OperatorSettings): OperatorRoute[] {
  const { render, site, catalogue } = settings;
  const keyOf = (req: Request): string => String(req.params['application']);
  const nameOf = (key: string, res: Response): string => {
    const application = catalogue.get(key);
    return application ? label(application.label, languageOf(res, site)) : key;
  };

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
    if (faults.length > 0)
      return page(
        req,
        res,
        source,
        faults,
        [{ key: 'catalogue-editor:faults', values: { count: faults.length }, field: 'source' }],
        422,
      );
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
    if (faults.length > 0)
      return page(
        req,
        res,
        next,
        faults,
        [{ key: 'catalogue-editor:faults', values: { count: faults.length }, field: 'source' }],
        422,
      );
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
    const errors =
      faults.length > 0
        ? [{ key: 'catalogue-editor:faults', values: { count: faults.length }, field: 'source' }]
        : undefined;
    render(
      res,
      'operator/applications/new',
      { ...shell, path: PATH, key, source, faults, errors },
      { status: errors ? 422 : 200 },
    );
  }

  async function publish(req: Request, res: Response, errors: readonly Fault[] = [], status = 200): Promise<void> {
    const { ctx, userId } = staffOf(req);
    const key = keyOf(req);
    const text = await readApplicationText(ctx, key);
    const approval = await findApproval(ctx, 'publish_application', key);
    const effect = text.draft ? await draftEffect(ctx, key, text.draft.source) : undefined;
    render(
      res,
      'operator/applications/publish',
      {
        ...(await shellLocals(settings, req, res, 'applications')),
        text,
        name: nameOf(key, res),
        at: `${PATH}/${key}`,
        effect,
        approval,
        himself: approval?.askedBy.id === userId,
        lines: text.draft ? changedLines(text.published, text.draft.source) : [],
        reason: formFields(req.body)['reason'] ?? '',
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  const decide =
    (done: string, work: (req: Request) => Promise<unknown>) =>
    async (req: Request, res: Response): Promise<void> => {
      try {
        await work(req);
      } catch (error) {
        const { status, code, faults } = refusalOf(error);
        return publish(
          req,
          res,
          code === 'invalid_input' ? [{ key: 'operator:act.reason_missing', field: 'reason' }] : faults,
          status,
        );
      }
      back(req, res, done);
    };

  const ask = decide('asked', (req) =>
    askPublishing(staffOf(req).ctx, keyOf(req), formFields(req.body)['reason'] ?? ''),
  );
  const confirm = decide('decided', (req) => confirmPublishing(staffOf(req).ctx, keyOf(req)));
  const refuse = decide('decided', (req) => dropApproval(staffOf(req).ctx, 'publish_application', keyOf(req)));

  return [
    { method: 'get', path: '/applications', needs: 'applications.read', handle: list },
    { method: 'get', path: '/applications/new', needs: 'applications.write', handle: create },
    { method: 'post', path: '/applications/new', needs: 'applications.write', handle: create },
    { method: 'get', path: AT, needs: 'applications.read', handle: (req, res) => page(req, res) },
    { method: 'post', path: AT, needs: 'applications.write', handle: save },
    { method: 'post', path: `${AT}/names`, needs: 'applications.write', handle: saveNames },
    { method: 'post', path: `${AT}/drop`, needs: 'applications.write', handle: drop },
    { method: 'post', path: `${AT}/logo`, needs: 'applications.write', handle: logo },
    { method: 'get', path: `${AT}/publish`, needs: 'applications.read', handle: (req, res) => publish(req, res) },
    { method: 'post', path: `${AT}/publish`, needs: 'applications.write', handle: ask },
    { method: 'post', path: `${AT}/publish/confirm`, needs: 'applications.write', handle: confirm },
    { method: 'post', path: `${AT}/publish/refuse`, needs: 'applications.write', handle: refuse },
  ];
}

type Line = { readonly kind: 'added' | 'removed'; readonly number: number; readonly text: string };
const MOST_LINES = 200;

/** Lines of one text that the other does not have, each with its number; counted, so that a repeated line shows too. */
function changedLines(before: string, after: string): Line[] {
  const only = (mine: string, others: string, kind: Line['kind']): Line[] => {
    const left = new Map<string, number>();
    for (const line of others.split('\n')) left.set(line, (left.get(line) ?? 0) + 1);
    return mine.split('\n').flatMap((text, index) => {
      const rest = left.get(text) ?? 0;
      left.set(text, rest - 1);
      return rest > 0 || text.trim() === '' ? [] : [{ kind, number: index + 1, text }];
    });
  };
  return [...only(before, after, 'removed'), ...only(after, before, 'added')].slice(0, MOST_LINES);
}
