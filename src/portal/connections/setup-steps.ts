// The set-up of one connection, step by step, with what is to be copied: the same for an administrator in the portal and for a
// colleague with a set-up link. A token is shown in the answer to the form that issues it and nowhere else.
import type { Request, Response } from 'express';
import type { OrganizationCtx } from '../../context.ts';
import { HubError } from '../../errors.ts';
import { createToken, listTokens, revokeToken, type NewToken } from '../../provisioning/connection.ts';
import { findConnectionOverview, type ConnectionOverview } from '../../provisioning/connection-overview.ts';
import { keepPrivate } from '../../web/headers.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shownState, shownToken, STEPS, type Telling } from './shown.ts';

/** Where the pages of one visitor's set-up are, and who he is. */
export type SetupPlace = {
  readonly ctx: OrganizationCtx;
  readonly connectionId: string;
  /** Address of the steps; tokens and the live state lie below it. */
  readonly path: string;
  readonly logHref: string;
  readonly view: string;
  /** What the page's frame needs. */
  readonly frame: (connection: ConnectionOverview) => Promise<Record<string, unknown>>;
};

const TOKEN_DAYS = [90, 365] as const;
const DAY_MS = 24 * 60 * 60 * 1000;
const LONGEST_NAME = 200;
/** A page that waits for the first request looks again by itself. */
const REFRESH_S = 10;
const DONE = ['created', 'revoked'] as const;

export const tellingOf = ({ site }: PortalSettings, res: Response, { now }: OrganizationCtx): Telling => ({
  t: translatorOf(site, res),
  language: languageOf(res, site),
  now,
});

/** Printable, not blank, not long; undefined where it is not. */
export function nameIn(text: string | undefined): string | undefined {
  const name = (text ?? '').trim();
  return name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name) ? undefined : name;
}

export function setupSteps(settings: PortalSettings) {
  const { site, render } = settings;
  const baseUrl = `${site.publicUrl.origin}/scim/v2`;

  async function show(
    req: Request,
    res: Response,
    place: SetupPlace,
    more: { made?: NewToken; errors?: readonly Fault[]; status?: number; name?: string } = {},
  ): Promise<void> {
    const { ctx, connectionId, path } = place;
    const { made, errors, status = 200 } = more;
    const telling = tellingOf(settings, res, ctx);
    const connection = await findConnectionOverview(ctx, connectionId);
    const tokens = (await listTokens(ctx, connectionId)).map((token) => shownToken(token, telling));
    const live = tokens.filter(({ state }) => state === 'live');
    const done = DONE.find((one) => one === req.query['done']);
    render(
      res,
      place.view,
      {
        ...(await place.frame(connection)),
        connection,
        path,
        logHref: place.logHref,
        steps: STEPS[connection.product],
        baseUrl,
        // The newer dialect of Entra ID is asked for by a flag in its address.
        url: connection.product === 'entra' ? `${baseUrl}?aadOptscim062020` : baseUrl,
        state: shownState(connection, telling),
        tokens,
        mayIssue: live.length < 2,
        days: TOKEN_DAYS,
        tokenName: more.name ?? telling.t('connections:token.default_name', { year: ctx.now.getUTCFullYear() }),
        made,
        ...(done && { notice: { kind: 'ok', text: telling.t(`connections:done.${done}`) } }),
        ...(errors && { errors }),
        ...(!made && !errors && { refresh: REFRESH_S }),
      },
      { status },
    );
  }

  async function issue(req: Request, res: Response, place: SetupPlace): Promise<void> {
    const fields = formFields(req.body);
    const name = nameIn(fields['name']);
    const refuse = (errors: readonly Fault[], status: number) =>
      show(req, res, place, { errors, status, name: fields['name'] ?? '' });
    if (name === undefined) return refuse([{ key: 'connections:fault.name', field: 'name' }], 422);
    const days = TOKEN_DAYS.find((one) => String(one) === fields['days']) ?? TOKEN_DAYS[0];
    const expiresAt = new Date(place.ctx.now.getTime() + days * DAY_MS);
    let made: NewToken;
    try {
      made = await createToken(place.ctx, place.connectionId, { name, expiresAt });
    } catch (error) {
      if (error instanceof HubError && error.code === 'too_many')
        return refuse([{ key: 'connections:fault.two_tokens', field: 'tokens' }], 422);
      const { faults, status } = refusalOf(error);
      return refuse(faults, status);
    }
    await show(req, res, place, { made });
  }

  /** Throws HubError `not_found` for one that is not the connection's, or is revoked already. */
  async function tokenOf(req: Request, { ctx, connectionId }: SetupPlace) {
    const token = (await listTokens(ctx, connectionId)).find(({ id }) => id === req.params['token']);
    if (!token || token.revokedAt) throw new HubError('not_found', 'There is no such token.');
    return token;
  }

  async function askRevoke(req: Request, res: Response, place: SetupPlace, view: string): Promise<void> {
    const token = await tokenOf(req, place);
    const telling = tellingOf(settings, res, place.ctx);
    const connection = await findConnectionOverview(place.ctx, place.connectionId);
    render(res, view, {
      ...(await place.frame(connection)),
      connection,
      path: place.path,
      token: shownToken(token, telling),
      action: `${place.path}/tokens/${token.id}/revoke`,
      lastOne: connection.credentials <= 1,
    });
  }

  async function revoke(req: Request, res: Response, place: SetupPlace): Promise<void> {
    const token = await tokenOf(req, place);
    await revokeToken(place.ctx, place.connectionId, token.id);
    res.redirect(303, `${place.path}?done=revoked`);
  }

  /** For the script of the page. */
  async function state(_req: Request, res: Response, { ctx, connectionId }: SetupPlace): Promise<void> {
    const connection = await findConnectionOverview(ctx, connectionId);
    const { key, text } = shownState(connection, tellingOf(settings, res, ctx));
    keepPrivate(res);
    // What changes the page as a whole: the state, and whether the last request was another one.
    res.json({ state: key, text });
  }

  return { show, issue, askRevoke, revoke, state };
}
