// "Import users": a file is uploaded and checked, its page says what would be created and what is wrong row by row, and only
// then somebody confirms. The work goes on in the background; the page shows how far it is, with or without script.
import type { Request, Response } from 'express';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import {
  findImport,
  listImports,
  listRefusedRows,
  type ImportRecord,
  type RefusedRow,
} from '../../imports/import-record.ts';
import { fileFault, fileFaultOf } from '../../imports/file-fault.ts';
import { confirmImport, discardImport } from '../../imports/run-import.ts';
import { MAX_ROWS, storeImport } from '../../imports/store-import.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import { keepPrivate } from '../../web/headers.ts';
import { sendCsv } from '../csv.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { faultWords, fileFaultLine, rowFaultText, TEMPLATE_COLUMNS } from './import-words.ts';
import { LIST_PATH } from './list-query.ts';
import { uploadedFile } from './upload.ts';

const IMPORT_PATH = `${LIST_PATH}/import`;
const SHOWN_ROWS = 50;
const CHUNK = 1000;
const REFRESH_S = 3;

const shown = (found: ImportRecord) => ({
  ...found,
  href: `${IMPORT_PATH}/${found.id}`,
  // While it waits, what is not refused can be created.
  ready: found.rows - found.refused - found.created,
  done: found.created + found.refused,
});

export function importPages({ site, render, catalogue }: PortalSettings) {
  const wordsOf = (req: Request, res: Response, rows: readonly RefusedRow[]) =>
    faultWords(
      visitorOf(req).ctx,
      rows.flatMap(({ faults }) => faults),
      { catalogue, language: languageOf(res, site), t: translatorOf(site, res) },
    );

  async function startPage(req: Request, res: Response, faults: readonly Fault[] = [], status = 200): Promise<void> {
    const visitor = visitorOf(req);
    const imports = await listImports(visitor.ctx);
    render(
      res,
      'portal/users/import',
      {
        ...(await shellLocals(visitor, 'my_users')),
        listHref: LIST_PATH,
        action: IMPORT_PATH,
        templateHref: `${IMPORT_PATH}/template.csv`,
        columns: TEMPLATE_COLUMNS,
        mostRows: MAX_ROWS,
        imports: imports.map(shown),
        ...(faults.length > 0 && { errors: faults }),
      },
      { status },
    );
  }

  async function upload(req: Request, res: Response): Promise<void> {
    const { ctx } = visitorOf(req);
    await checkAdministers(ctx);
    const t = translatorOf(site, res);
    const file = uploadedFile(req);
    if (!file) return startPage(req, res, [{ key: 'imports:file.none', field: 'file' }], 422);
    try {
      const invite = formFields(req.body)['invite'] === 'yes';
      const found = await storeImport(ctx, { fileName: file.name, bytes: file.bytes, invite });
      return res.redirect(303, shown(found).href);
    } catch (error) {
      const fault = fileFaultOf(error);
      if (!fault) throw error;
      return startPage(req, res, [fileFaultLine(fault, t)], 422);
    }
  }

  async function tooLarge(req: Request, res: Response): Promise<void> {
    const fault = fileFaultOf(fileFault('too_large'));
    await startPage(req, res, fault ? [fileFaultLine(fault, translatorOf(site, res))] : [], 413);
  }

  const findAsked = (req: Request): Promise<ImportRecord> =>
    findImport(visitorOf(req).ctx, String(req.params['import']));

  async function show(req: Request, res: Response, faults?: readonly Fault[], status = 200): Promise<void> {
    const visitor = visitorOf(req);
    const found = await findAsked(req);
    const refused = await listRefusedRows(visitor.ctx, found.id, { limit: SHOWN_ROWS });
    const words = await wordsOf(req, res, refused);
    const { actor } = visitor.ctx;
    render(
      res,
      'portal/users/import-page',
      {
        ...(await shellLocals(visitor, 'my_users')),
        listHref: LIST_PATH,
        importHref: IMPORT_PATH,
        found: shown(found),
        fileName: found.fileName,
        own: found.createdBy.id === actor.id,
        by: found.createdBy.label,
        refused: refused.map(({ line, cells, faults: own }) => ({
          line,
          text: cells
            .filter((cell) => cell !== '')
            .join(' · ')
            .slice(0, 120),
          faults: own.map((one) => rowFaultText(one, site.texts, words)),
        })),
        ...(found.state === 'running' && { refresh: REFRESH_S }),
        ...(faults && { errors: faults }),
      },
      { status },
    );
  }

  async function decide(req: Request, res: Response): Promise<void> {
    const { ctx } = visitorOf(req);
    const found = await findAsked(req);
    try {
      if (formFields(req.body)['act'] === 'discard') {
        await discardImport(ctx, found.id);
        return res.redirect(303, IMPORT_PATH);
      }
      await confirmImport(ctx, found.id);
    } catch (error) {
      const { faults, status } = refusalOf(error);
      return show(req, res, faults, status);
    }
    return res.redirect(303, shown(found).href);
  }

  async function progress(req: Request, res: Response): Promise<void> {
    const found = shown(await findAsked(req));
    const t = translatorOf(site, res);
    keepPrivate(res);
    const { state, done, rows, created } = found;
    res.json({ state, done, rows, text: t('imports:progress', { done, rows, created }) });
  }

  async function* errorRows(req: Request, res: Response): AsyncGenerator<string[][]> {
    const { ctx } = visitorOf(req);
    const { id } = await findAsked(req);
    for (let after = 0; ;) {
      const rows = await listRefusedRows(ctx, id, { after, limit: CHUNK });
      const words = await wordsOf(req, res, rows);
      if (rows.length > 0)
        yield rows.map(({ line, cells, faults }) => [
          ...cells,
          String(line),
          faults.map((fault) => rowFaultText(fault, site.texts, words)).join(' '),
        ]);
      const last = rows.at(-1);
      if (!last || rows.length < CHUNK) return;
      after = last.line;
    }
  }

  return {
    start: (req: Request, res: Response) => startPage(req, res),
    upload,
    tooLarge,
    show: (req: Request, res: Response) => show(req, res),
    decide,
    progress,
    errors: async (req: Request, res: Response): Promise<void> => {
      const { header, fileName } = await findAsked(req);
      const t = translatorOf(site, res);
      const name = `${fileName.replace(/\.[^.]*$/, '')}-${t('imports:errors_name')}`;
      await sendCsv(res, name, [...header, t('imports:column.line'), t('imports:column.problem')], errorRows(req, res));
    },
    template: async (req: Request, res: Response): Promise<void> => {
      await checkAdministers(visitorOf(req).ctx);
      const t = translatorOf(site, res);
      await sendCsv(
        res,
        t('imports:template_name'),
        TEMPLATE_COLUMNS.map((field) => t(`imports:column.${field}`)),
        (async function* () {})(),
      );
    },
  };
}
