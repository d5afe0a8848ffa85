// A passkey instead of username and password: it names the person and is both factors at once.
import type { Request, Response } from 'express';
import { verifyPasskey } from '../credentials/passkeys.ts';
import type { Person } from '../credentials/verify-sign-in.ts';
import { PASSKEY } from './assurance.ts';
import { systemCtx, type Interaction } from './interaction.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { ceremonyOf } from './passkey-ceremony.ts';
import { failureOf, type SignInPages } from './sign-in.ts';

export function passkeySignIn(settings: OidcSettings, signIn: SignInPages) {
  return async (req: Request, res: Response, interaction: Interaction): Promise<void> => {
    const response = String(((req.body ?? {}) as Record<string, unknown>)['credential'] ?? '');
    const organizationId = interaction.params['organization'];
    let person: Person;
    try {
      const attempt = { response, organizationId, address: req.ip ?? '' };
      person = await verifyPasskey(systemCtx(settings, res), attempt, ceremonyOf(settings, interaction));
    } catch (error) {
      return signIn.show(res, interaction, undefined, failureOf(error, res, 'second-factor:passkey.unknown'));
    }
    await signIn.goOn(req, res, interaction, { persons: [person], amr: PASSKEY });
  };
}
