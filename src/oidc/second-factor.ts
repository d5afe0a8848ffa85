// The page on which somebody whose password was right gives his second factor: a code of his authenticator app, a passkey
// or a recovery code. Five wrong codes end the attempt, and the password is asked again.
import type { Request, Response } from 'express';
import { hasFactor } from '../credentials/factor-state.ts';
import { passkeyRequestOptions, verifyPasskey } from '../credentials/passkeys.ts';
import { verifySecondFactor, type CodeKind } from '../credentials/verify-second-factor.ts';
import { REMEMBERED_DAYS } from '../credentials/remembered-device.ts';
import { HubError } from '../errors.ts';
import { nameOf } from '../users/user-row.ts';
import { ONE_TIME_CODE, PASSKEY, proved } from './assurance.ts';
import { readDevice, writeDevice } from './device-cookie.ts';
import { personCtx, systemCtx, type Interaction, type Interactions } from './interaction.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { ceremonyOf } from './passkey-ceremony.ts';
import { personInStep, type PersonInStep } from './person-in-step.ts';
import { mayBeRemembered, remember } from './remembered-cookie.ts';
import { failureOf, signInPath, type Failure, type SignInPages } from './sign-in.ts';

const MOST_TRIES = 5;

type Step = PersonInStep & { readonly interaction: Interaction };

export function secondFactorPages(settings: OidcSettings, interactions: Interactions, signIn: SignInPages) {
  const startAgain = (res: Response, { uid }: Interaction) => res.redirect(303, `${signInPath(uid)}?switch=yes`);

  async function show(req: Request, res: Response, interaction: Interaction, failure?: Failure): Promise<void> {
    const step = await personInStep(res, interaction);
    if (!step) return startAgain(res, interaction);
    const { state, level } = step;
    const codes = level === 1 && state.totp;
    const recovery = level === 1 && state.recoveryCodes > 0;
    if (!hasFactor(state) || (level > 1 && state.passkeys === 0))
      return signIn.goOn(req, res, interaction, { ...interaction, persons: [step.person] });
    const path = signInPath(interaction.uid);
    const typed = (req.body ?? {}) as Record<string, unknown>;
    const method =
      recovery && (req.query['method'] === 'recovery' || typed['kind'] === 'recovery') ? 'recovery' : 'own';
    settings.render(
      res,
      'sign-in/second-factor',
      {
        action: `${path}/second-factor`,
        method,
        codes,
        person: nameOf(step.user.document),
        passkeyOptions:
          method === 'own' && state.passkeys > 0 ? await requestOptions(res, { ...step, interaction }) : undefined,
        rememberDays: codes && mayBeRemembered(state) ? REMEMBERED_DAYS : undefined,
        recoveryHref: recovery && method === 'own' ? `${path}/second-factor?method=recovery` : undefined,
        ownHref: method === 'recovery' ? `${path}/second-factor` : undefined,
        lostHref: level === 1 ? `${path}/lost-factor` : undefined,
        enrolHref: level > 1 ? `${path}/enrol` : undefined,
        cancelHref: `${path}?switch=yes`,
        errors: failure?.errors,
      },
      { status: failure?.status ?? 200 },
    );
  }

  const requestOptions = (res: Response, { person, interaction }: Step) =>
    passkeyRequestOptions(systemCtx(settings, res), ceremonyOf(settings, interaction), person);

  async function attempt(req: Request, res: Response, interaction: Interaction): Promise<void> {
    const found = await personInStep(res, interaction);
    if (!found) return startAgain(res, interaction);
    const step = { ...found, interaction };
    const body = (req.body ?? {}) as Record<string, unknown>;
    if (typeof body['credential'] === 'string' && body['credential'] !== '')
      return withPasskey(req, res, step, body['credential']);
    const kind: CodeKind = body['kind'] === 'recovery' ? 'recovery_code' : 'totp';
    const code = String(body['code'] ?? '');
    if (code.trim() === '') return show(req, res, interaction, wrongCode('second-factor:code.missing'));
    // A code lifts from one factor to two; beyond that only a passkey counts.
    if (step.level > 1) return show(req, res, interaction);
    return withCode(req, res, step, kind, code);
  }

  async function withCode(req: Request, res: Response, step: Step, kind: CodeKind, code: string): Promise<void> {
    const { person, interaction, state } = step;
    const { organizationId, userId } = person;
    const { site } = settings;
    try {
      const attempted = { organizationId, userId, kind, code, address: req.ip ?? '', device: readDevice(req, site) };
      const ctx = personCtx(settings, res, person, String(step.user.document['userName']));
      writeDevice(res, (await verifySecondFactor(ctx, attempted)).device, site);
    } catch (error) {
      return failed(req, res, interaction, error);
    }
    if (((req.body ?? {}) as Record<string, unknown>)['remember'] === 'yes') remember(req, res, state, site);
    const proven = { persons: [person], amr: proved(interaction.amr, ONE_TIME_CODE), authTime: interaction.authTime };
    if (kind === 'totp') return signIn.goOn(req, res, interaction, proven);
    // Who needed a recovery code has probably lost the other one: he may set up a new one at once.
    await interactions.keepVerified(req, res, proven);
    res.redirect(303, `${signInPath(interaction.uid)}/enrol`);
  }

  async function withPasskey(req: Request, res: Response, step: Step, response: string): Promise<void> {
    const { person, interaction } = step;
    try {
      const attempt = { response, owner: person, address: req.ip ?? '' };
      await verifyPasskey(systemCtx(settings, res), attempt, ceremonyOf(settings, interaction));
    } catch (error) {
      return show(req, res, interaction, failureOf(error, res, 'second-factor:passkey.failed'));
    }
    // The passkey is both factors and was given now: the session's time is that of this sign-in.
    const proven = { persons: [person], amr: proved(interaction.amr, PASSKEY) };
    return signIn.goOn(req, res, interaction, proven);
  }

  async function failed(req: Request, res: Response, interaction: Interaction, error: unknown): Promise<void> {
    const failure = failureOf(error, res, 'second-factor:code.failed');
    if (!(error instanceof HubError) || error.code !== 'invalid_credentials')
      return show(req, res, interaction, failure);
    const tries = interaction.tries + 1;
    if (tries < MOST_TRIES) {
      const { verified: persons, amr, authTime } = interaction;
      await interactions.keepVerified(req, res, { persons, amr, authTime, tries });
      return show(req, res, interaction, wrongCode('second-factor:code.failed'));
    }
    await interactions.keepVerified(req, res, { persons: [], amr: [] });
    return signIn.show(res, interaction, undefined, {
      status: 422,
      errors: [{ key: 'second-factor:code.too_many' }],
    });
  }

  return { show, attempt };
}

const wrongCode = (key: string): Failure => ({ status: 422, errors: [{ key, field: 'code' }] });
