// The answer to a page that asks, while somebody types, what its new password is worth: rules and strength, as the server
// judges them when the form is sent. Nothing is kept or logged, and the password goes nowhere but where the form would send it.
import type { Request, Response } from 'express';
import { rulesOf } from '../credentials/password-rules.ts';
import { passwordStrength } from '../credentials/password-strength.ts';
import { brokenBy, type PasswordOwner } from '../credentials/store-password.ts';
import { keepPrivate } from './headers.ts';
import { languageOf } from './page.ts';
import type { Site } from './render.ts';

/** The module on the page sends it beside the form's fields. */
const FIELD = 'check';
export const STRENGTHS = ['very_weak', 'weak', 'fair', 'strong', 'very_strong'] as const;

const bodyOf = (req: Request) => (req.body ?? {}) as Record<string, unknown>;
export const isPasswordCheck = (req: Request): boolean => bodyOf(req)[FIELD] === 'yes';

/** `hasCurrent`: the page's rules name the current password, which the form may hold. */
export async function answerPasswordCheck(
  req: Request,
  res: Response,
  { owner, hasCurrent, site }: { owner: PasswordOwner; hasCurrent: boolean; site: Site },
): Promise<void> {
  const { new_password: password, current_password: current } = bodyOf(req);
  const typed = typeof password === 'string' ? password : '';
  const language = languageOf(res, site);
  const broken = brokenBy(owner, typed, typeof current === 'string' && current !== '' ? current : undefined);
  const own = [...owner.personal, ...owner.company];
  const score = typed === '' ? undefined : await passwordStrength(typed, { own, language });
  const known = rulesOf(owner.policy, hasCurrent)
    .map(({ code }) => code)
    // What only the stored hashes can tell is said when the form is sent.
    .filter((code) => code !== 'not_reused' && (code !== 'not_current' || typeof current === 'string'));
  keepPrivate(res);
  res.json({
    rules: Object.fromEntries(known.map((code) => [code, broken.includes(code) ? 'unmet' : 'met'])),
    strength:
      score === undefined ? '' : site.texts.translator(language)(`sign-in:set_password.strength.${STRENGTHS[score]}`),
    score: score ?? null,
  });
}
