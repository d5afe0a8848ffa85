// "Security policy": what a chief administrator sets for his own organization, and the terms that its people accept.
import type { Request, Response } from 'express';
import { LANGUAGES, type Labels } from '../applications/application.ts';
import { label } from '../applications/catalogue.ts';
import { LIMIT_BOUNDS } from '../credentials/session-limits.ts';
import { SECOND_FACTOR_RULES, type SecondFactorRule } from '../credentials/second-factor-policy.ts';
import { currentTerms, publishTerms } from '../credentials/terms.ts';
import { HubError } from '../errors.ts';
import { SETTING_BOUNDS } from '../organizations/organization-record.ts';
import { changePolicy, readPolicy, type PolicyChange } from '../organizations/change-policy.ts';
import { countOpenConsents } from '../support/list-support.ts';
import { languageOf } from '../web/page.ts';
import { translatorOf } from '../web/render.ts';
import type { PortalSettings } from './portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../web/refusal.ts';
import { shellLocals } from './shell.ts';
import { visitorOf } from './signed-in.ts';

const PATH = '/portal/policy';
const TERMS_PATH = `${PATH}/terms`;
const BOUNDS = { ...LIMIT_BOUNDS, ...SETTING_BOUNDS };
const NUMBERS = Object.keys(BOUNDS) as (keyof typeof BOUNDS)[];

const isRule = (value: unknown): value is SecondFactorRule => SECOND_FACTOR_RULES.some((rule) => rule === value);

export function policyPages({ site, render, catalogue }: PortalSettings) {
  type Typed = Readonly<Record<string, string>>;
  const keys = [...catalogue.keys()];

  async function show(req: Request, res: Response, typed?: Typed, faults: readonly Fault[] = [], status = 200) {
    const visitor = visitorOf(req);
    const [language, t] = [languageOf(res, site), translatorOf(site, res)];
    const [policy, terms, supportOpen] = await Promise.all([
      readPolicy(visitor.ctx),
      currentTerms(visitor.ctx),
      countOpenConsents(visitor.ctx),
    ]);
    const value = (name: string, stored: string) => typed?.[name] ?? stored;
    const inherited = (own: boolean | undefined) => (own === undefined ? 'inherit' : own ? 'yes' : 'no');
    render(
      res,
      'portal/policy',
      {
        ...(await shellLocals(visitor, 'policy')),
        organization: visitor.organizationName,
        action: PATH,
        termsHref: TERMS_PATH,
        supportHref: `${PATH}/support`,
        supportOpen,
        rule: value('second_factor', policy.secondFactor.rule),
        rules: SECOND_FACTOR_RULES,
        applications: [...catalogue].map(([key, application]) => ({
          key,
          label: label(application.label, language),
          rule: value(`second_factor_in.${key}`, policy.secondFactor.applications[key] ?? 'inherit'),
          deactivateOnly: value(`deactivate_only_in.${key}`, inherited(policy.deactivateOnlyIn[key])),
        })),
        numbers: Object.fromEntries(
          NUMBERS.map((name) => [name, { value: value(name, String(policy[name])), ...BOUNDS[name] }]),
        ),
        passwordPolicy: value('passwordPolicy', policy.passwordPolicy),
        username: value('username', policy.username),
        deactivateOnly: typed ? typed['deactivateOnly'] === 'yes' : policy.deactivateOnly,
        tellProvisionedDeactivation: typed
          ? typed['tellProvisionedDeactivation'] === 'yes'
          : policy.tellProvisionedDeactivation,
        terms: terms && { version: terms.version, publishedAt: terms.publishedAt },
        ...(['saved', 'published'].includes(String(req.query['done'])) && {
          notice: { kind: 'ok', text: t(`security:policy.done.${String(req.query['done'])}`) },
        }),
        ...(faults.length > 0 && { errors: faults }),
      },
      { status },
    );
  }

  /** What the form says. A number that is none is refused by the domain like one out of bounds. */
  function changeIn(fields: Typed): PolicyChange {
    const number = (name: string) => (/^\d{1,6}$/.test(fields[name] ?? '') ? Number(fields[name]) : Number.NaN);
    const rules = keys.map((key): [string, SecondFactorRule | null] => {
      const rule = fields[`second_factor_in.${key}`];
      return [key, isRule(rule) ? rule : null];
    });
    const only = keys.map((key): [string, boolean | null] => {
      const choice = fields[`deactivate_only_in.${key}`];
      return [key, choice === 'yes' ? true : choice === 'no' ? false : null];
    });
    return {
      secondFactor: {
        ...(isRule(fields['second_factor']) && { rule: fields['second_factor'] }),
        applications: Object.fromEntries(rules),
      },
      ...Object.fromEntries(NUMBERS.flatMap((name) => (fields[name] === undefined ? [] : [[name, number(name)]]))),
      passwordPolicy: fields['passwordPolicy'] === 'classic' ? 'classic' : 'standard',
      username: fields['username'] === 'email' ? 'email' : 'free',
      deactivateOnly: fields['deactivateOnly'] === 'yes',
      deactivateOnlyIn: Object.fromEntries(only),
      tellProvisionedDeactivation: fields['tellProvisionedDeactivation'] === 'yes',
    };
  }

  async function save(req: Request, res: Response): Promise<void> {
    const fields = formFields(req.body);
    try {
      await changePolicy(visitorOf(req).ctx, changeIn(fields));
    } catch (error) {
      const { faults, status } = fieldFaults(error);
      return show(req, res, fields, faults, status);
    }
    res.redirect(303, `${PATH}?done=saved`);
  }

  async function showTerms(req: Request, res: Response, typed?: Typed, faults: readonly Fault[] = [], status = 200) {
    const visitor = visitorOf(req);
    await readPolicy(visitor.ctx);
    const terms = await currentTerms(visitor.ctx);
    render(
      res,
      'portal/terms',
      {
        ...(await shellLocals(visitor, 'policy')),
        organization: visitor.organizationName,
        action: TERMS_PATH,
        policyHref: PATH,
        version: terms?.version,
        texts: LANGUAGES.map((language) => ({
          language,
          text: typed?.[language] ?? terms?.texts[language] ?? '',
          wrong: faults.some(({ field }) => field === language),
        })),
        ...(faults.length > 0 && { errors: faults }),
      },
      { status },
    );
  }

  async function publish(req: Request, res: Response): Promise<void> {
    const fields = formFields(req.body);
    const texts = Object.fromEntries(LANGUAGES.map((language) => [language, fields[language] ?? ''])) as Labels;
    try {
      await publishTerms(visitorOf(req).ctx, texts);
    } catch (error) {
      const { faults, status } = termsFaults(error);
      return showTerms(req, res, fields, faults, status);
    }
    res.redirect(303, `${PATH}?done=published`);
  }

  return {
    show: (req: Request, res: Response) => show(req, res),
    save,
    showTerms: (req: Request, res: Response) => showTerms(req, res),
    publish,
  };
}

type Issue = { readonly path: string };
const issuesOf = (error: HubError) => (error.details['issues'] ?? []) as readonly Issue[];

/** A limit out of bounds is said at its field. */
function fieldFaults(error: unknown): { faults: readonly Fault[]; status: number } {
  if (!(error instanceof HubError) || error.code !== 'invalid_input') return refusalOf(error);
  const faults = issuesOf(error).map(({ path }): Fault => {
    const name = NUMBERS.find((number) => path === `settings.${number}`);
    return name === undefined
      ? { key: 'reasons:invalid_input' }
      : { key: `security:policy.fault.${name}`, values: { ...BOUNDS[name] }, field: name };
  });
  return { faults, status: 422 };
}

function termsFaults(error: unknown): { faults: readonly Fault[]; status: number } {
  if (!(error instanceof HubError) || error.code !== 'invalid_input') return refusalOf(error);
  const faults = issuesOf(error).map(({ path }): Fault => {
    const language = path.replace('texts.', '');
    return { key: `security:terms.fault_${language}`, field: language };
  });
  return { faults, status: 422 };
}
