// The table of contents of the reviews.
import { Router } from 'express';
import type { PortalSettings } from '../portal-settings.ts';
import { reviewPages } from './review.ts';
import { reviewListPages } from './reviews.ts';

/** Mount at /portal/reviews. */
export function reviewRoutes(settings: PortalSettings): Router {
  const router = Router();
  const list = reviewListPages(settings);
  const review = reviewPages(settings);
  router.route('/').get(list.show).post(list.start);
  router.post('/schedule', list.plan);
  router.route('/:id').get(review.show).post(review.decide);
  router.post('/:id/close', review.close);
  router.get('/:id/export.csv', review.exported);
  return router;
}
