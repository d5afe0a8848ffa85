// The form with which a password is set, wherever it comes from: its rules stand there before anybody types, and after a
// failed attempt it says which of them are met.
import type { Request, Response } from 'express';
import { rulesOf, type PasswordPolicy } from '../credentials/password-rules.ts';
import { HubError } from '../errors.ts';
import type { Judged } from '../web/password-check.ts';
import type { OidcSettings } from './oidc-settings.ts';

type SetPasswordPage = {
  action: string;
  purpose: 'first' | 'temporary' | 'recovery';
  userName: string;
  policy: PasswordPolicy;
  endsSessions: boolean;
  /** What the form needs beside its fields. */
  hidden?: readonly { readonly name: string; readonly value: string }[];
};

/** The page on which it was typed was another link's. */
export const OTHER_LINK = 'other_link';
const FORM_FAULTS: ReadonlySet<string> = new Set(['missing', 'mismatch', OTHER_LINK]);

type Typed = { password: string; confirmation: string };

export function typedPasswords(req: Request): Typed {
  const body = (req.body ?? {}) as Record<string, unknown>;
  return { password: String(body['new_password'] ?? ''), confirmation: String(body['confirm_password'] ?? '') };
}

/** `broken`: codes of `set_password.problem` in the locales. */
export function showSetPassword(
  settings: OidcSettings,
  res: Response,
  page: SetPasswordPage,
  broken?: readonly string[],
  /** Of what was typed: the page comes back with it, and never with the password. */
  judged?: Judged,
): void {
  // Where the form itself is wrong nobody has looked at the rules yet.
  const tried = broken !== undefined && !broken.some((code) => FORM_FAULTS.has(code));
  const rules = rulesOf(page.policy, page.purpose === 'temporary').map((rule) => ({
    ...rule,
    ...(tried && { state: broken.includes(rule.code) ? 'unmet' : 'met' }),
    ...(!tried && judged?.rules[rule.code] && { state: judged.rules[rule.code] }),
  }));
  const errors = broken?.map((code) => ({
    key: `sign-in:set_password.problem.${code}`,
    values: { count: code === 'not_reused' ? page.policy.remembered : page.policy.minimumLength, name: page.userName },
    ...(code !== OTHER_LINK && { field: code === 'mismatch' ? 'confirm-password' : 'new-password' }),
  }));
  const { action, purpose, userName: username, endsSessions, hidden } = page;
  settings.render(
    res,
    'sign-in/set-password',
    {
      ...{ action, purpose, username, endsSessions, hidden, rules, errors, judged },
      askCurrent: false,
      checked: judged && !broken,
    },
    { status: broken ? 422 : 200 },
  );
}

/** What is wrong with the form itself. */
export function formFaults({ password, confirmation }: Typed): string[] {
  if (password === '') return ['missing'];
  return password === confirmation ? [] : ['mismatch'];
}

/** The rules that a HubError `invalid_input` names; rethrows everything else. */
export function brokenRulesOf(error: unknown): string[] {
  if (!(error instanceof HubError) || error.code !== 'invalid_input') throw error;
  const issues = (error.details['issues'] ?? []) as { code: string }[];
  return issues.map(({ code }) => code);
}
