// One act on many people that works in the background: for whom it is possible before it is confirmed, how far it is, and for whom
// it was not possible and why.
import type { Request, Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import { findBulkAct, listBulkPeople, whatBulkActEnds, type BulkAct } from '../../bulk-acts/bulk-act.ts';
import { confirmBulkAct } from '../../bulk-acts/prepare-bulk-act.ts';
import { keepPrivate } from '../../web/headers.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import { refusalOf, type Fault } from '../../web/refusal.ts';
import { nameListHref } from '../name-list.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { LIST_PATH } from './list-query.ts';

export const BULK_PATH = `${LIST_PATH}/acts`;
const SIZE = 50;
const REFRESH_S = 3;
const STATES = ['waiting', 'done', 'refused'] as const;

const textIn = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export function bulkActPages({ site, render, catalogue }: PortalSettings) {
  const findAsked = (req: Request): Promise<BulkAct> => findBulkAct(visitorOf(req).ctx, String(req.params['act']));

  async function show(req: Request, res: Response, faults?: readonly Fault[], status = 200): Promise<void> {
    const visitor = visitorOf(req);
    const found = await findAsked(req);
    const href = `${BULK_PATH}/${found.id}`;
    const usual = found.state === 'checked' && found.waiting > 0 ? 'waiting' : found.refused > 0 ? 'refused' : 'done';
    const state = STATES.find((one) => one === req.query['state']) ?? usual;
    const after = textIn(req.query['after']);
    const { people, next } = await listBulkPeople(visitor.ctx, found.id, { state, after, size: SIZE });
    const asks = found.act === 'deactivate' && found.state === 'checked' && found.waiting > 0;
    const ends = asks ? await whatBulkActEnds(visitor.ctx, found.id) : undefined;
    const language = languageOf(res, site);
    render(
      res,
      'portal/users/bulk-act',
      {
        ...(await shellLocals(visitor, 'my_users')),
        listHref: LIST_PATH,
        href,
        act: found.act,
        found,
        own: found.createdBy.id === visitor.ctx.actor.id,
        tabs: STATES.map((one) => ({
          state: one,
          count: found[one],
          href: `${href}?state=${one}`,
          current: one === state,
        })).filter(({ count }) => count > 0),
        people,
        ends: ends && {
          ...ends,
          applications: ends.applications.map((key) => {
            const known = catalogue.get(key);
            return known ? label(known.label, language) : key;
          }),
        },
        firstHref: after === undefined ? undefined : `${href}?state=${state}`,
        nextHref: next === null ? undefined : nameListHref(href, { state, after: next }),
        ...(found.state === 'running' && { refresh: REFRESH_S }),
        ...(faults && { errors: faults }),
      },
      { status },
    );
  }

  async function confirm(req: Request, res: Response): Promise<void> {
    const { ctx } = visitorOf(req);
    const { id } = await findAsked(req);
    try {
      await confirmBulkAct(ctx, id);
    } catch (error) {
      const { faults, status } = refusalOf(error);
      return show(req, res, faults, status);
    }
    res.redirect(303, `${BULK_PATH}/${id}`);
  }

  async function progress(req: Request, res: Response): Promise<void> {
    const { state, people, waiting, done, refused } = await findAsked(req);
    keepPrivate(res);
    const text = translatorOf(site, res)('bulk-acts:progress', { done, refused, people });
    res.json({ state, done: people - waiting, rows: people, text });
  }

  return { show: (req: Request, res: Response) => show(req, res), confirm, progress };
}
