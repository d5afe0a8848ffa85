// What the middleware of this folder leaves in `res.locals` for what runs after it. Each field is written by one file.
import type { LanguageSources } from './languages.ts';
import type { Theme } from './page.ts';

export type ActingBanner = {
  readonly staff: string;
  /** For whom, and of which organization. */
  readonly name: string;
  readonly organization: string;
  readonly until: Date;
  /** Where the form that stops it posts to. */
  readonly stopAction: string;
};

declare global {
  // Express types `res.locals` by merging into this namespace.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Locals {
      /** request-id.ts */
      requestId?: string;
      /** page.ts */
      languageSources?: LanguageSources;
      /** page.ts */
      theme?: Theme;
      /** Of an edge where support acts for a customer's administrator: the banner on each page. */
      acting?: ActingBanner;
      /** csrf.ts: the session that forms on this page are bound to. */
      formBinding?: string;
      /** csrf.ts: the token already made for this page. */
      formToken?: string;
    }
  }
}
