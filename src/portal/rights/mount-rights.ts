// The rights screens' table of contents: the same pages for a user, a group and a role, and the question why.
import { Router } from 'express';
import type { PortalSettings } from '../portal-settings.ts';
import { applicationsPage } from './applications-page.ts';
import { copyPages } from './copy.ts';
import { editPages } from './edit.ts';
import { endPages } from './end.ts';
import { entitlementsPage } from './entitlements-page.ts';
import { whyPages } from './why.ts';

/** Mount at /portal. */
export function rightsPages(settings: PortalSettings): Router {
  const router = Router();
  const why = whyPages(settings);
  router.get('/why', why.aboutHimself);
  router.get('/users/:id/why', why.aboutUser);
  for (const [path, kind] of [
    ['/users/:id/rights', 'user'],
    ['/groups/:id/rights', 'group'],
    ['/roles/:id/rights', 'role'],
  ] as const) {
    const edit = editPages(settings, kind);
    const end = endPages(settings, kind);
    router.get(path, applicationsPage(settings, kind));
    router.get(`${path}/:application`, entitlementsPage(settings, kind));
    router.route(`${path}/:application/edit`).get(edit.show).post(edit.send);
    router.get(`${path}/:application/preview`, edit.preview);
    router.route(`${path}/:application/end`).get(end.show).post(end.end);
    const copy = copyPages(settings, kind);
    router.route(`${path}/:application/copy`).get(copy.show).post(copy.save);
  }
  return router;
}
