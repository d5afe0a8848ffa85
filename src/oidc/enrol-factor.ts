// The page on which a second factor is set up: an authenticator app by QR code and a first code, or a passkey. Then the
// recovery codes, once. Somebody who has a factor already gives it first: a password alone adds none beside it.
import type { Request, Response } from 'express';
import { hasFactor } from '../credentials/factor-state.ts';
import { passkeyCreationOptions, registerPasskey } from '../credentials/passkeys.ts';
import {
  makeRecoveryCodes,
  openRecoveryCodes,
  RECOVERY_CODES,
  sealRecoveryCodes,
} from '../credentials/recovery-codes.ts';
import { confirmTotp, totpUri } from '../credentials/totp.ts';
import { totpOffer } from '../credentials/totp-offer.ts';
import { HubError } from '../errors.ts';
import { nameOf } from '../users/user-row.ts';
import { translatorOf } from '../web/render.ts';
import { ONE_TIME_CODE, PASSKEY, proved } from './assurance.ts';
import { ENROL_FACTOR } from './interaction-policy.ts';
import { personCtx, systemCtx, type Interaction, type Interactions } from './interaction.ts';
import { nextStep } from './next-step.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { ceremonyOf } from './passkey-ceremony.ts';
import { personInStep, type PersonInStep } from './person-in-step.ts';
import { qrCode } from './qr-code.ts';
import { failureOf, signInPath, type Failure, type SignInPages } from './sign-in.ts';

type Step = PersonInStep & { readonly interaction: Interaction; readonly userName: string };

export function enrolFactorPages(settings: OidcSettings, interactions: Interactions, signIn: SignInPages) {
  /** Undefined: the browser has been sent where something else comes first. */
  async function open(res: Response, interaction: Interaction): Promise<Step | undefined> {
    const found = await personInStep(res, interaction);
    const path = signInPath(interaction.uid);
    if (!found) res.redirect(303, `${path}?switch=yes`);
    else if (found.person.mustChange) res.redirect(303, `${path}/password`);
    else if (found.level === 1 && hasFactor(found.state)) res.redirect(303, `${path}/second-factor`);
    else return { ...found, interaction, userName: String(found.user.document['userName']) };
    return undefined;
  }

  async function show(req: Request, res: Response, interaction: Interaction): Promise<void> {
    const step = await open(res, interaction);
    if (step) await render(req, res, step);
  }

  async function render(req: Request, res: Response, step: Step, failure?: Failure): Promise<void> {
    const { interaction, person, user, userName, state, wanted } = step;
    const seed = seedFor(step);
    const names = { userName, displayName: nameOf(user.document) };
    const path = signInPath(interaction.uid);
    settings.render(
      res,
      'sign-in/enrol-factor',
      {
        action: `${path}/enrol`,
        required: await isRequired(req, step),
        replaces: state.totp,
        // Where only a passkey is good enough nothing else is offered.
        totp: wanted < 3 && {
          groups: seed.match(/.{1,4}/g),
          qr: qrCode(totpUri(seed, { issuer: settings.site.brand.name, account: userName })),
        },
        passkeyOptions: await passkeyCreationOptions(
          systemCtx(settings, res),
          { ...person, ...names },
          ceremonyOf(settings, interaction),
        ),
        cancelHref: `${path}?switch=yes`,
        errors: failure?.errors,
      },
      { status: failure?.status ?? 200 },
    );
  }

  const seedFor = ({ person: { organizationId, userId }, interaction: { uid } }: Step): string =>
    totpOffer({ organizationId, userId, binding: uid });

  async function isRequired(req: Request, { person, interaction }: Step): Promise<boolean> {
    const { organizationId, userId } = person;
    const { amr, clientId, params } = interaction;
    const proven = { organizationId, userId, amr, clientId, acrValues: params['acr_values'] };
    return (await nextStep(settings, req, proven)) === 'enrol';
  }

  async function save(req: Request, res: Response, interaction: Interaction): Promise<void> {
    const step = await open(res, interaction);
    if (!step) return;
    const body = (req.body ?? {}) as Record<string, unknown>;
    if (body['choice'] === 'skip') return skip(req, res, step);
    const credential = String(body['credential'] ?? '');
    try {
      if (credential !== '') await addPasskey(res, step, credential);
      else await addApp(res, step, String(body['code'] ?? ''));
    } catch (error) {
      return render(req, res, step, enrolFailure(error, res, credential !== ''));
    }
    await finish(req, res, step, credential === '' ? ONE_TIME_CODE : PASSKEY);
  }

  async function addPasskey(res: Response, { person, userName, interaction }: Step, response: string): Promise<void> {
    const { organizationId, userId } = person;
    const name = translatorOf(settings.site, res)('second-factor:passkey.default_name');
    const ctx = personCtx(settings, res, person, userName);
    await registerPasskey(ctx, { organizationId, userId, name, response }, ceremonyOf(settings, interaction));
  }

  async function addApp(res: Response, step: Step, code: string): Promise<void> {
    const { person, userName } = step;
    const { organizationId, userId } = person;
    const seed = seedFor(step);
    await confirmTotp(personCtx(settings, res, person, userName), { organizationId, userId, seed, code });
  }

  /** Recovery codes unless he has all of them; after that page, or at once, he goes on. */
  async function finish(req: Request, res: Response, step: Step, now: readonly string[]): Promise<void> {
    const { interaction, person, userName, state } = step;
    const amr = proved(interaction.amr, now);
    const proven = { persons: [person], amr, authTime: interaction.authTime, enrolled: true };
    if (state.recoveryCodes === RECOVERY_CODES) return signIn.goOn(req, res, interaction, proven);
    const { organizationId, userId } = person;
    const codes = await makeRecoveryCodes(personCtx(settings, res, person, userName), { organizationId, userId });
    await interactions.keepVerified(req, res, { ...proven, codes: sealRecoveryCodes(person, codes) });
    res.redirect(303, `${signInPath(interaction.uid)}/recovery-codes`);
  }

  /** Until the person says that he has kept them; the page may be loaded again, in another language too. */
  async function showCodes(req: Request, res: Response, interaction: Interaction): Promise<void> {
    const step = await personInStep(res, interaction);
    if (!step || interaction.codes === undefined) return done(req, res, interaction);
    settings.render(res, 'sign-in/recovery-codes', {
      action: `${signInPath(interaction.uid)}/recovery-codes`,
      codes: openRecoveryCodes(step.person, interaction.codes),
      userName: String(step.user.document['userName']),
      now: new Date(),
    });
  }

  async function skip(req: Request, res: Response, step: Step): Promise<void> {
    const { interaction, person } = step;
    if (await isRequired(req, step)) return render(req, res, step);
    if (interaction.prompt === ENROL_FACTOR) return interactions.answer(req, res, ENROL_FACTOR);
    return signIn.goOn(req, res, interaction, { ...interaction, persons: [person] });
  }

  /** The person has seen his recovery codes. */
  const done = (req: Request, res: Response, interaction: Interaction): Promise<void> =>
    signIn.goOn(req, res, interaction, { ...interaction, persons: interaction.verified });

  return { show, save, showCodes, done };
}

function enrolFailure(error: unknown, res: Response, passkey: boolean): Failure {
  const known = error instanceof HubError && ['uniqueness', 'too_many'].includes(error.code);
  if (known) return { status: 422, errors: [{ key: `second-factor:passkey.${error.code}` }] };
  const failure = failureOf(error, res, passkey ? 'second-factor:passkey.failed' : 'second-factor:code.failed');
  return passkey ? failure : { ...failure, errors: failure.errors.map((one) => ({ ...one, field: 'code' })) };
}
