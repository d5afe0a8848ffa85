// What a new password is worth: rules and strength, as the server judges them when the form is sent. Asked by the page's module
// while somebody types, and by a button of the form where there is no script. Nothing is kept or logged, the password goes
// nowhere but where the form would send it, and no answer holds it.
import type { Request, Response } from 'express';
import { rulesOf } from '../credentials/password-rules.ts';
import { passwordStrength } from '../credentials/password-strength.ts';
import { brokenBy, type PasswordOwner } from '../credentials/store-password.ts';
import { keepPrivate } from './headers.ts';
import { languageOf } from './page.ts';
import type { Site } from './render.ts';

/** The module on the page sends it beside the form's fields with "yes", the form's own button with "page". */
const FIELD = 'check';
const STRENGTHS = ['very_weak', 'weak', 'fair', 'strong', 'very_strong'] as const;

const bodyOf = (req: Request) => (req.body ?? {}) as Record<string, unknown>;
export const isPasswordCheck = (req: Request): boolean => bodyOf(req)[FIELD] === 'yes';
/** The page itself is to come back with the judgement, and nothing saved. */
export const isPlainPasswordCheck = (req: Request): boolean => bodyOf(req)[FIELD] === 'page';

export type Judged = {
  readonly rules: Readonly<Record<string, 'met' | 'unmet'>>;
  /** In words, and 0 to 4; absent where nothing was typed or too many are asking. */
  readonly strength?: { readonly text: string; readonly score: number };
};

type Asked = { readonly owner: PasswordOwner; readonly hasCurrent: boolean; readonly site: Site };

/** Of the typed password. `hasCurrent`: the page's rules name the current password, which the form may hold. */
export async function judgePassword(req: Request, res: Response, { owner, hasCurrent, site }: Asked): Promise<Judged> {
  const { new_password: password, current_password: current } = bodyOf(req);
  const typed = typeof password === 'string' ? password : '';
  const language = languageOf(res, site);
  const broken = brokenBy(owner, typed, typeof current === 'string' && current !== '' ? current : undefined);
  const own = [...owner.personal, ...owner.company];
  const score = typed === '' ? undefined : await passwordStrength(typed, { own, language });
  const known = rulesOf(owner.policy, hasCurrent)
    .map(({ code }) => code)
    // What only the stored hashes can tell is said when the form is sent.
    .filter(
      (code) => code !== 'not_reused' && (code !== 'not_current' || (typeof current === 'string' && current !== '')),
    );
  const text = (word: string) => site.texts.translator(language)(`sign-in:set_password.strength.${word}`);
  return {
    rules: Object.fromEntries(known.map((code) => [code, broken.includes(code) ? 'unmet' : 'met'])),
    ...(score !== undefined && { strength: { text: text(STRENGTHS[score]), score } }),
  };
}

export async function answerPasswordCheck(req: Request, res: Response, asked: Asked): Promise<void> {
  const { rules, strength } = await judgePassword(req, res, asked);
  keepPrivate(res);
  res.json({ rules, strength: strength?.text ?? '', score: strength?.score ?? null });
}
