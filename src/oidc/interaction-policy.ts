// When a person must see a page before an application gets its code (OIDC Core 3.1.2.3), in order: say who of those who
// are signed in goes on, sign in, prove more, be told that he holds nothing there, accept the terms, set up another factor,
// and consent where the application asks for it. First-party applications need no consent.
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { findLiveUser } from '../credentials/live-user.ts';
import { termsToAccept } from '../credentials/terms.ts';
import { decodeSubject, type Subject } from '../users/subject.ts';
import { signsInAs } from '../users/user-row.ts';
import { acrFor, levelOf, wantedLevel } from './assurance.ts';
import { nextStep } from './next-step.ts';
import { forProvider } from './oidc-errors.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { admits, applicationOf, rightsOf } from './rights.ts';

export const NO_ACCESS = 'no_access';
export const SELECT_ACCOUNT = 'select_account';
/** More must be proved than the session has. */
export const SECOND_FACTOR = 'second_factor';
export const ACCEPT_TERMS = 'accept_terms';
/** An application may ask for it: `prompt=enrol_factor` leads to the page on which a further factor is set up. */
export const ENROL_FACTOR = 'enrol_factor';

/** Seconds after which a session's password is asked again before a second factor lifts it. */
const STEP_UP_FRESH_S = 3600;
/** The same before a factor is added. */
const ENROL_FRESH_S = 900;

const { Check, Prompt, base } = interactionPolicy;

/** The user behind the session was deactivated, or erased, while he was signing in: the sign-in page, not an error. */
const accountGone = new Check(
  'account_gone',
  'End-User authentication is required',
  'login_required',
  (ctx) => ctx.oidc.session?.accountId !== undefined && !ctx.oidc.account,
);

/** The application's link names an organization and the session belongs to another one. */
const otherOrganization = new Check(
  'other_organization',
  'another organization was asked for',
  'login_required',
  isElsewhere,
);

/** Anybody on the machine can pose as a native client: no code without a person's act (RFC 8252 section 8.6). */
const nativeNeedsPerson = new Check(
  'native_client',
  'native clients require End-User interaction',
  'interaction_required',
  (ctx) => ctx.oidc.client?.applicationType === 'native' && !resultOf(ctx)['login'] && !resultOf(ctx)[SELECT_ACCOUNT],
);

/** Of `acr_values` none is a name of ours (OpenID Connect Unmet Authentication Requirements 1.0): no page could help. */
const unmeetable = new Check('unmeetable', 'the requested acr_values cannot be met', 'login_required', (ctx) => {
  if (wantedLevel(acrValuesOf(ctx)) === undefined)
    throw new errors.UnmetAuthenticationRequirements('none of the requested acr_values is supported');
  return false;
});

export function createInteractionPolicy(settings: OidcSettings) {
  const policy = base();
  const login = policy.get('login');
  for (const check of [accountGone, otherOrganization, nativeNeedsPerson, staleFor(settings)]) login?.checks.add(check);
  const consent = policy.get('consent');
  for (const { reason } of [...(consent?.checks ?? [])])
    if (reason !== 'consent_prompt') consent?.checks.remove(reason);
  policy.add(selectAccount(), 0);
  const further = [secondFactor(settings), noAccess(settings), acceptTerms(), enrolFactor()];
  for (const [index, prompt] of further.entries()) policy.add(prompt, 2 + index);
  return policy;
}

/** The application says whom it expects, and it is not who is signed in (OIDC Core 3.1.2.1, `login_hint`): he decides. */
const anotherHinted = new Check(
  'another_hinted',
  'login_hint names another End-User than the one who is signed in',
  'account_selection_required',
  async (ctx) => {
    const hint = ctx.oidc.params?.['login_hint'];
    const subject = subjectOf(ctx);
    // Where he has to sign in anyway there is nothing to choose.
    if (typeof hint !== 'string' || !subject || pending(ctx, 'login') || isElsewhere(ctx)) return false;
    if (resultOf(ctx)['login'] || resultOf(ctx)[SELECT_ACCOUNT]) return false;
    const user = await forProvider(() => findLiveUser(subject.organizationId, subject.userId));
    return user !== undefined && !signsInAs(user.document, hint);
  },
);

/** Without a session the sign-in page comes instead, and answers this prompt as well. */
function selectAccount() {
  const prompt = new Prompt({ name: SELECT_ACCOUNT, requestable: true });
  prompt.checks.remove(`${SELECT_ACCOUNT}_prompt`);
  const which = new Check(
    'which_account',
    'select_account prompt was not resolved',
    'account_selection_required',
    (ctx) => Boolean(ctx.oidc.account && pending(ctx, SELECT_ACCOUNT)),
  );
  for (const check of [unmeetable, which, anotherHinted]) prompt.checks.add(check);
  return prompt;
}

/** What was proved long ago is proved again from the start, before it is built upon. */
const staleFor = (settings: OidcSettings) =>
  new Check('stale', 'End-User authentication is too old to be built upon', 'login_required', async (ctx) => {
    const { session } = ctx.oidc;
    if (!ctx.oidc.account || !session || resultOf(ctx)['login']) return false;
    if (!session.past(ENROL_FRESH_S)) return false;
    if (pending(ctx, ENROL_FACTOR)) return true;
    const step = await stepOf(settings, ctx);
    // With the second factor behind him he may add one on the way.
    if (step === 'enrol' || (step !== undefined && levelOf(session.amr) > 1)) return true;
    return step !== undefined && session.past(STEP_UP_FRESH_S);
  });

function secondFactor(settings: OidcSettings) {
  const more = new Check('more_proof', 'a second factor is required', 'interaction_required', async (ctx) => {
    if ((await stepOf(settings, ctx)) !== undefined) return true;
    nameLevel(ctx);
    return false;
  });
  return new Prompt({ name: SECOND_FACTOR, requestable: false }, authTimeOf, more);
}

const noAccess = (settings: OidcSettings) =>
  new Prompt(
    { name: NO_ACCESS, requestable: false },
    new Check(
      'holds_nothing',
      'the End-User holds no rights in this application',
      'access_denied',
      async (ctx) => !(await mayEnter(settings, ctx)),
    ),
  );

const acceptTerms = () =>
  new Prompt(
    { name: ACCEPT_TERMS, requestable: false },
    new Check('terms_not_accepted', 'the terms were not accepted', 'interaction_required', async (ctx) => {
      const subject = subjectOf(ctx);
      if (!subject) return false;
      return (await forProvider(() => termsToAccept(subject.organizationId, subject.userId))) !== undefined;
    }),
  );

/** Its own check is the prompt parameter's. */
const enrolFactor = () => new Prompt({ name: ENROL_FACTOR, requestable: true }, authTimeOf);

async function mayEnter(settings: OidcSettings, ctx: KoaContextWithOIDC): Promise<boolean> {
  const subject = subjectOf(ctx);
  const application = ctx.oidc.client && (await applicationOf(ctx.oidc.client.clientId));
  if (!subject || application === undefined) return true;
  return admits(settings, application, await rightsOf(settings, ctx, subject, application));
}

async function stepOf(settings: OidcSettings, ctx: KoaContextWithOIDC) {
  const { client, session } = ctx.oidc;
  const subject = subjectOf(ctx);
  if (!subject || !client) return undefined;
  const proven = { ...subject, amr: session?.amr ?? [], clientId: client.clientId, acrValues: acrValuesOf(ctx) };
  return forProvider(() => nextStep(settings, ctx.req, proven));
}

/** The code, and with it the tokens, say the level by the name under which it was asked for. */
function nameLevel(ctx: KoaContextWithOIDC): void {
  const acr = acrFor(acrValuesOf(ctx), levelOf(ctx.oidc.session?.amr));
  Object.defineProperty(ctx.oidc, 'acr', { value: acr, configurable: true });
}

function isElsewhere({ oidc }: KoaContextWithOIDC): boolean {
  const wanted = oidc.params?.['organization'];
  const sub = oidc.session?.accountId;
  return typeof wanted === 'string' && sub !== undefined && decodeSubject(sub)?.organizationId !== wanted;
}

const resultOf = (ctx: KoaContextWithOIDC): Record<string, unknown> => ({ ...ctx.oidc.result });
const pending = (ctx: KoaContextWithOIDC, prompt: string): boolean =>
  ctx.oidc.prompts.has(prompt) && ctx.oidc.promptPending(prompt);
const subjectOf = (ctx: KoaContextWithOIDC): Subject | undefined =>
  ctx.oidc.account && decodeSubject(ctx.oidc.account.accountId);
const authTimeOf = (ctx: KoaContextWithOIDC) => ({ auth_time: ctx.oidc.session?.authTime() });

function acrValuesOf(ctx: KoaContextWithOIDC): string | undefined {
  const values = ctx.oidc.params?.['acr_values'];
  return typeof values === 'string' ? values : undefined;
}
