// The queue of companies that ask to be admitted: the list, one of them, and the word on it.
import type { Request, Response } from 'express';
import { label } from '../applications/catalogue.ts';
import { listOrganizations } from '../organizations/find-organization.ts';
import { approveRegistration, denyRegistration } from '../registrations/decide-registration.ts';
import { findRegistration, listRegistrations, type ListedState } from '../registrations/list-registrations.ts';
import { DECIDED_OR_OPEN, type Registration } from '../registrations/registration.ts';
import { languageOf } from '../web/page.ts';
import { formFields, formValues, refusalOf, type Fault } from '../web/refusal.ts';
import type { OperatorRoute } from './mount.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { shellLocals } from './shell.ts';
import { staffOf } from './staff.ts';

const PATH = '/operator/registrations';
const MOST_SIMILAR = 5;

export function registrationPages(settings: OperatorSettings): OperatorRoute[] {
  const { render, site, catalogue } = settings;
  const applications = (res: Response, chosen: readonly string[]) =>
    [...catalogue.values()].map((one) => ({
      key: one.key,
      label: label(one.label, languageOf(res, site)),
      chosen: chosen.includes(one.key),
    }));

  async function list(req: Request, res: Response): Promise<void> {
    const { ctx } = staffOf(req);
    const state: ListedState = DECIDED_OR_OPEN.find((one) => one === req.query['state']) ?? 'pending';
    const after = req.query['after'];
    const { registrations, next } = await listRegistrations(ctx, {
      state,
      ...(typeof after === 'string' && { after }),
    });
    render(res, 'operator/registrations', {
      ...(await shellLocals(settings, req, res, 'registrations')),
      registrations,
      states: DECIDED_OR_OPEN.map((key) => ({ key, href: `${PATH}?state=${key}`, current: key === state })),
      state,
      nextHref: next === null ? undefined : `${PATH}?state=${state}&after=${next}`,
    });
  }

  type Form = {
    company: string;
    customerNumber: string;
    note: string;
    applications: readonly string[];
    reason: string;
  };

  async function page(
    req: Request,
    res: Response,
    one: Registration,
    form: Form,
    errors: readonly Fault[] = [],
    status = 200,
  ) {
    const { ctx, may } = staffOf(req);
    const similar = await listOrganizations(ctx, { name: one.company, limit: MOST_SIMILAR });
    render(
      res,
      'operator/registration',
      {
        ...(await shellLocals(settings, req, res, 'registrations')),
        one,
        form,
        asked: applications(res, one.applications).filter(({ chosen }) => chosen),
        applications: applications(res, form.applications),
        similar: similar.organizations.filter(({ id }) => id !== one.admittedId),
        action: `${PATH}/${one.id}`,
        mayDecide: one.state === 'pending' && may('registrations.write'),
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  const asAsked = ({ company, customerNumber, applications: keys }: Registration): Form => ({
    company,
    customerNumber,
    applications: keys,
    note: '',
    reason: '',
  });

  async function show(req: Request, res: Response): Promise<void> {
    const one = await findRegistration(staffOf(req).ctx, String(req.params['registration']));
    await page(req, res, one, asAsked(one));
  }

  async function refused(req: Request, res: Response, one: Registration, form: Form, error: unknown): Promise<void> {
    const { status, code, faults } = refusalOf(error);
    const missing = form.note === '' && form.reason === '' ? 'operator:registration.say_why' : undefined;
    const key = code === 'uniqueness' ? 'operator:registration.number_taken' : missing;
    await page(req, res, one, form, key === undefined ? faults : [{ key }], status);
  }

  async function approve(req: Request, res: Response): Promise<void> {
    const { ctx } = staffOf(req);
    const one = await findRegistration(ctx, String(req.params['registration']));
    const { company = '', customer_number: customerNumber = '', note = '' } = formFields(req.body);
    const form = { company, customerNumber, note, applications: formValues(req.body, 'application'), reason: '' };
    try {
      const { organizationId } = await approveRegistration(ctx, one.id, {
        company,
        customerNumber: customerNumber.trim(),
        applications: form.applications,
        note,
      });
      res.redirect(303, `/operator/organizations/${organizationId}?done=created`);
    } catch (error) {
      await refused(req, res, one, form, error);
    }
  }

  async function deny(req: Request, res: Response): Promise<void> {
    const { ctx } = staffOf(req);
    const one = await findRegistration(ctx, String(req.params['registration']));
    const { reason = '' } = formFields(req.body);
    try {
      await denyRegistration(ctx, one.id, reason);
      res.redirect(303, `${PATH}?done=decided`);
    } catch (error) {
      await refused(req, res, one, { ...asAsked(one), reason }, error);
    }
  }

  return [
    { method: 'get', path: '/registrations', needs: 'registrations.read', handle: list },
    { method: 'get', path: '/registrations/:registration', needs: 'registrations.read', handle: show },
    { method: 'post', path: '/registrations/:registration/approve', needs: 'registrations.write', handle: approve },
    { method: 'post', path: '/registrations/:registration/deny', needs: 'registrations.write', handle: deny },
  ];
}
