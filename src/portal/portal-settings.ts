// What the portal's pages are made with.
import type { Logger } from 'pino';
import type { Catalogue } from '../applications/application.ts';
import type { Render, Site } from '../web/render.ts';

export type PortalSettings = {
  readonly site: Site;
  readonly render: Render;
  readonly catalogue: Catalogue;
  readonly log: Logger;
};
