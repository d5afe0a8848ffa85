// One interaction of the provider, as the pages see it: who asks, what for, and how far the person has come. What was
// verified but is not yet a sign-in (an organization to choose, a temporary password to change, a second factor to give)
// is kept in the interaction on the server, for ten minutes. Where a session must prove more, its person stands there.
import type { Request, Response } from 'express';
import { errors } from 'oidc-provider';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { findLiveUser } from '../credentials/live-user.ts';
import { recordSignIn } from '../credentials/record-sign-in.ts';
import type { Proof } from '../credentials/still-proved.ts';
import type { Person } from '../credentials/verify-sign-in.ts';
import { decodeSubject, encodeSubject } from '../users/subject.ts';
import { allowFormTargets, keepPrivate } from '../web/headers.ts';
import { suggestLanguage } from '../web/page.ts';
import { requestIdOf } from '../web/request-id.ts';
import { acrFor, levelOf } from './assurance.ts';
import { deviceId } from './device-cookie.ts';
import { ENROL_FACTOR, SECOND_FACTOR, SELECT_ACCOUNT } from './interaction-policy.ts';
import type { LiveProvider } from './live-provider.ts';
import type { OidcSettings } from './oidc-settings.ts';

const VERIFIED_MS = 600_000;

export type Interaction = {
  readonly uid: string;
  readonly prompt: string;
  readonly clientId: string;
  readonly params: Readonly<Record<string, string | undefined>>;
  /** Subject of the session in which the person is, if he is in one. */
  readonly sub: string | undefined;
  /** Whom the typed password fitted, or the session's person where he must prove more; nobody else is signed in. */
  readonly verified: readonly Person[];
  /** What they proved (RFC 8176). */
  readonly amr: readonly string[];
  /** Wrong codes of a second factor so far. */
  readonly tries: number;
  /** Epoch seconds of the session's sign-in, where that is built upon. */
  readonly authTime: number | undefined;
  /** On the way a factor was set up. */
  readonly enrolled: boolean;
  /** Recovery codes that the person has still to see, sealed. */
  readonly codes: string | undefined;
};

/** What is kept while somebody is on his way through the pages. */
export type Verified = {
  readonly persons: readonly Person[];
  readonly amr: readonly string[];
  readonly tries?: number;
  readonly authTime?: number | undefined;
  readonly enrolled?: boolean;
  readonly codes?: string | undefined;
  /** When it was proved, in milliseconds; without it when the answer under way was asked for. */
  readonly at?: number;
};

type Kept = Verified & Proof;
type Details = Awaited<ReturnType<ReturnType<LiveProvider['provider']>['interactionDetails']>>;
const FROM_SESSION: readonly string[] = [SECOND_FACTOR, ENROL_FACTOR];
/** When an answer was asked for: a password that is set while one is being looked at comes after it. */
const opened = new WeakMap<Response, number>();
const openedAt = (res: Response): number => opened.get(res) ?? Date.now();

export function systemCtx(settings: OidcSettings, res: Response): Ctx {
  return {
    actor: { kind: 'system', id: 'sign-in', label: 'Sign-in' },
    requestId: requestIdOf(res),
    now: new Date(),
    log: settings.log,
  };
}

export function personCtx(settings: OidcSettings, res: Response, person: Person, label: string): Ctx {
  const { organizationId, userId } = person;
  return { ...systemCtx(settings, res), organizationId, actor: { kind: 'user', id: userId, organizationId, label } };
}

export function interactions(settings: OidcSettings, live: LiveProvider) {
  return {
    /** Throws the provider's SessionNotFound when the interaction is over, or is another browser's. */
    async open(req: Request, res: Response): Promise<Interaction> {
      keepPrivate(res);
      opened.set(res, Date.now());
      const details = await live.provider().interactionDetails(req, res);
      if (details.uid !== req.params['uid']) throw new errors.SessionNotFound('another interaction');
      const params = details.params as Interaction['params'];
      suggestLanguage(res, { uiLocales: params['ui_locales'] });
      allowFormTargets(res, params['redirect_uri'] === undefined ? [] : [params['redirect_uri']]);
      const { persons, amr, tries = 0, authTime, enrolled = false, codes } = await verifiedIn(details);
      return {
        uid: details.uid,
        prompt: details.prompt.name,
        clientId: String(params['client_id']),
        params,
        sub: details.session?.accountId,
        verified: persons,
        amr,
        tries,
        authTime,
        enrolled,
        codes,
      };
    },

    async keepVerified(req: Request, res: Response, kept: Verified): Promise<void> {
      const verified: Kept = { ...kept, at: kept.at ?? openedAt(res) };
      await live.provider().interactionResult(req, res, { verified }, { mergeWithLastSubmission: false });
    },

    /** The person is signed in; the browser goes on to the application. A session that is lifted keeps its time. */
    async signIn(req: Request, res: Response, interaction: Interaction, done: SignedIn): Promise<void> {
      const { person, amr, authTime, enrolled, at = openedAt(res) } = done;
      const { organizationId, userId } = person;
      const accountId = encodeSubject(organizationId, userId);
      const ctx = personCtx(settings, res, person, 'self');
      const { clientId } = interaction;
      const device = { id: deviceId(req, res, settings.site), userAgent: req.get('user-agent'), address: req.ip };
      if (authTime === undefined) await recordSignIn(ctx, { organizationId, userId, clientId, device });
      else await recordStepUp(ctx, { userId, clientId, amr });
      const acr = acrFor(undefined, levelOf(amr));
      const login = { accountId, amr: [...amr], acr, ...(authTime !== undefined && { ts: authTime }) };
      const answered = { [SELECT_ACCOUNT]: {}, ...(enrolled && { [ENROL_FACTOR]: {} }) };
      // The browser may come back for it much later (adapter.ts).
      const verified: Kept = { persons: [person], amr, at };
      await live.provider().interactionFinished(req, res, { login, verified, ...answered });
    },

    /** A prompt of ours is done: nobody is signed in by it. */
    answer: (req: Request, res: Response, prompt: string) =>
      live.provider().interactionFinished(req, res, { [prompt]: {} }),

    consent: (req: Request, res: Response) => live.provider().interactionFinished(req, res, { consent: {} }),

    /** Back to the application, which is told why. */
    deny: (req: Request, res: Response, why: string) =>
      live
        .provider()
        .interactionFinished(
          req,
          res,
          { error: 'access_denied', error_description: why },
          { mergeWithLastSubmission: false },
        ),
  };
}

type SignedIn = {
  readonly person: Person;
  readonly amr: readonly string[];
  readonly authTime: number | undefined;
  readonly enrolled: boolean;
  readonly at?: number | undefined;
};

async function verifiedIn(details: Details): Promise<Verified> {
  const kept = details.result?.['verified'] as Kept | undefined;
  if (kept && Date.now() - kept.at < VERIFIED_MS) return kept;
  const { session, prompt } = details;
  const subject = session?.accountId === undefined ? undefined : decodeSubject(session.accountId);
  if (kept || !subject || !FROM_SESSION.includes(prompt.name)) return { persons: [], amr: [] };
  const { organizationId, userId } = subject;
  const user = await findLiveUser(organizationId, userId);
  const persons = user ? [{ organizationId, userId, organizationName: user.organizationName, mustChange: false }] : [];
  const authTime = prompt.details['auth_time'];
  return { persons, amr: session?.amr ?? [], ...(typeof authTime === 'number' && { authTime }) };
}

const recordStepUp = (ctx: Ctx, { userId, ...after }: { userId: string; clientId: string; amr: readonly string[] }) =>
  recordAudit(ctx, {
    action: 'user.stepped_up',
    targetKind: 'user',
    targetId: userId,
    after: { client: after.clientId, amr: after.amr },
  });

export type Interactions = ReturnType<typeof interactions>;
