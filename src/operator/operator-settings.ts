// What the operator's pages are made with.
import type { Logger } from 'pino';
import type { Catalogue } from '../applications/application.ts';
import type { Render, Site } from '../web/render.ts';

export type OperatorSettings = {
  readonly site: Site;
  readonly render: Render;
  /** As it is at each moment: versions are published while the hub runs. */
  readonly catalogue: Catalogue;
  readonly log: Logger;
};
