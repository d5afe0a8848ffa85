// One interaction of the provider, as the pages see it: who asks, what for, and how far the person has come. What was
// verified but is not yet a sign-in (an organization to choose, a temporary password to change) is kept in the
// interaction on the server, for ten minutes.
import type { Request, Response } from 'express';
import { errors } from 'oidc-provider';
import type { Ctx } from '../context.ts';
import { recordSignIn } from '../credentials/record-sign-in.ts';
import type { Person } from '../credentials/verify-sign-in.ts';
import { encodeSubject } from '../users/subject.ts';
import { allowFormTargets, keepPrivate } from '../web/headers.ts';
import { suggestLanguage } from '../web/page.ts';
import { requestIdOf } from '../web/request-id.ts';
import type { LiveProvider } from './live-provider.ts';
import type { OidcSettings } from './oidc-settings.ts';

const VERIFIED_S = 600;

export type Interaction = {
  readonly uid: string;
  readonly prompt: string;
  readonly clientId: string;
  readonly params: Readonly<Record<string, string | undefined>>;
  /** Subject of the session in which the person is, if he is in one. */
  readonly sub: string | undefined;
  /** Whom the typed password fitted; they are not signed in. */
  readonly verified: readonly Person[];
};

type Verified = { at: number; persons: Person[] };
const epoch = () => Math.floor(Date.now() / 1000);

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
      const details = await live.provider().interactionDetails(req, res);
      if (details.uid !== req.params['uid']) throw new errors.SessionNotFound('another interaction');
      const params = details.params as Interaction['params'];
      suggestLanguage(res, { uiLocales: params['ui_locales'] });
      allowFormTargets(res, params['redirect_uri'] === undefined ? [] : [params['redirect_uri']]);
      const verified = details.result?.['verified'] as Verified | undefined;
      return {
        uid: details.uid,
        prompt: details.prompt.name,
        clientId: String(params['client_id']),
        params,
        sub: details.session?.accountId,
        verified: verified && epoch() - verified.at < VERIFIED_S ? verified.persons : [],
      };
    },

    async keepVerified(req: Request, res: Response, persons: readonly Person[]): Promise<void> {
      const verified: Verified = { at: epoch(), persons: [...persons] };
      await live.provider().interactionResult(req, res, { verified }, { mergeWithLastSubmission: false });
    },

    /** The person is signed in; the browser goes on to the application. */
    async signIn(req: Request, res: Response, interaction: Interaction, person: Person): Promise<void> {
      const { organizationId, userId } = person;
      const ctx = personCtx(settings, res, person, 'self');
      await recordSignIn(ctx, { organizationId, userId, clientId: interaction.clientId });
      const login = { accountId: encodeSubject(organizationId, userId), amr: ['pwd'] };
      await live.provider().interactionFinished(req, res, { login });
    },

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

export type Interactions = ReturnType<typeof interactions>;
