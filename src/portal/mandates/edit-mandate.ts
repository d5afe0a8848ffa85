// The editor of one part of a mandate with the mandate's terms, request by request: shown, previewed with how many people gain and
// lose, saved. Whoever finds the mandate changed or withdrawn meanwhile is shown both versions and loses nothing.
//   what is edited: mandate-edit.ts    the form: mandate-state.ts     as an act: mandate-plan.ts
//   the page: mandate-editor.ts        its lists: mandate-lists.ts    the preview: mandate-preview.ts
import type { Request, Response } from 'express';
import type { PortalSettings } from '../portal-settings.ts';
import { fieldOf } from '../rights/desk.ts';
import { tickAll } from '../rights/editor-parts.ts';
import { MANDATES } from './mandate-desk.ts';
import { editingOf, openMandateEdit, type MandateEdit } from './mandate-edit.ts';
import { showEditor, showRefusal, showsConflict } from './mandate-editor.ts';
import { mandateLists } from './mandate-lists.ts';
import { planOf } from './mandate-plan.ts';
import { showPreview } from './mandate-preview.ts';
import { mandateFields } from './mandate-state.ts';

/** Beyond it a form's ticks do not go into an address, and the page is made at once. */
const LONGEST_QUERY = 6000;

async function save(res: Response, edit: MandateEdit): Promise<void> {
  if (showsConflict(res, edit)) return;
  const plan = planOf(edit);
  if (plan.faults) return showEditor(res, edit, { status: 422, faults: plan.faults });
  try {
    const saved = await plan.act();
    res.redirect(303, `${MANDATES}/${saved.id}?done=${edit.mandate ? 'changed' : 'given'}`);
  } catch (error) {
    return showRefusal(res, edit, error);
  }
}

function withAllOf(edit: MandateEdit, dimension: string): MandateEdit {
  const list = mandateLists(editingOf(edit)).find((one) => one.dimension === dimension);
  if (!list) return edit;
  const { ticks } = edit.state;
  return { ...edit, state: { ...edit.state, ticks: { ...ticks, [list.dimension]: tickAll(ticks, list) } } };
}

/** To an address that carries the form, so that language, theme, reload and back keep it; without where it is too long. */
function continueAt(res: Response, edit: MandateEdit, page: 'edit' | 'preview', part = ''): Promise<void> | void {
  const query = new URLSearchParams(mandateFields(edit.state).map(([name, value]) => [name, value])).toString();
  if (query.length <= LONGEST_QUERY) return res.redirect(303, `${MANDATES}/${page}?${query}${part}`);
  return page === 'preview' ? showPreview(res, edit) : showEditor(res, edit);
}

export const editMandatePages = (settings: PortalSettings) => ({
  show: async (req: Request, res: Response): Promise<void> => {
    const edit = await openMandateEdit(settings, req, res, req.query);
    if (!showsConflict(res, edit)) showEditor(res, edit);
  },
  preview: async (req: Request, res: Response): Promise<void> =>
    showPreview(res, await openMandateEdit(settings, req, res, req.query)),
  send: async (req: Request, res: Response): Promise<void> => {
    const body: unknown = req.body;
    const edit = await openMandateEdit(settings, req, res, body);
    const act = fieldOf(body, 'act');
    if (act === 'save') return save(res, edit);
    const list = fieldOf(body, 'all');
    if (list !== '') return continueAt(res, withAllOf(edit, list), 'edit', `#list-${list}`);
    return continueAt(res, edit, act === 'preview' ? 'preview' : 'edit');
  },
});
