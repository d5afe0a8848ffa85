// One SCIM request as the handlers see it, and what they answer. No express beyond this file and mount.ts.
import type { OrganizationCtx } from '../context.ts';
import type { ConnectionSettings } from '../provisioning/connection-settings.ts';

export type Exchange = {
  readonly ctx: OrganizationCtx;
  readonly method: string;
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined where the request has none. */
  readonly body: unknown;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly settings: ConnectionSettings;
};

/** `body` is JSON text; large ones come in pieces. */
export type Answer = {
  readonly status: number;
  readonly body?: string | AsyncIterable<string>;
  readonly location?: string;
  readonly version?: number;
  /** Nothing of it was written. */
  readonly dryRun?: boolean;
};

export const NO_CONTENT: Answer = { status: 204 };

/** Reads an answer to its end, so that nothing of it is left to be read later, and hands each piece on. */
export async function eachPiece(answer: Answer, each: (piece: string) => void): Promise<void> {
  if (answer.body === undefined) return;
  if (typeof answer.body === 'string') each(answer.body);
  else for await (const piece of answer.body) each(piece);
}
