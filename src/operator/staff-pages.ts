// The operator's own people and their roles. Who they are is changed by themselves or in the portal of his organization.
import type { Request, Response } from 'express';
import { LANGUAGES } from '../applications/application.ts';
import { API_ROLES, type ApiRole } from '../organizations/api-token.ts';
import { createStaff } from '../organizations/create-staff.ts';
import { listStaff, setStaffRoles } from '../organizations/staff-roles.ts';
import { languageOf } from '../web/page.ts';
import { formFields, formValues, refusalOf, type Fault } from '../web/refusal.ts';
import type { OperatorRoute } from './mount.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { personIn, type PersonForm } from './person-form.ts';
import { shellLocals } from './shell.ts';
import { staffOf } from './staff.ts';

const PATH = '/operator/staff';

export function staffPages(settings: OperatorSettings): OperatorRoute[] {
  const { render, site } = settings;
  const rolesIn = (req: Request): ApiRole[] =>
    formValues(req.body, 'role').flatMap((value) => API_ROLES.filter((role) => role === value));

  async function page(
    req: Request,
    res: Response,
    person: PersonForm,
    errors: readonly Fault[] = [],
    status = 200,
  ): Promise<void> {
    const { ctx, may, userId } = staffOf(req);
    render(
      res,
      'operator/staff',
      {
        ...(await shellLocals(settings, req, res, 'staff')),
        staff: (await listStaff(ctx)).map((one) => ({ ...one, himself: one.id === userId })),
        roles: API_ROLES,
        languages: LANGUAGES,
        form: person,
        mayChange: may('staff.write'),
        maySeeVisits: may('audit.read'),
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  const empty = (res: Response): PersonForm => ({ ...personIn({}), language: languageOf(res, site) });

  async function save(req: Request, res: Response): Promise<void> {
    try {
      await setStaffRoles(staffOf(req).ctx, String(req.params['user']), rolesIn(req));
    } catch (error) {
      const { status, faults } = refusalOf(error);
      return page(req, res, empty(res), faults, status);
    }
    res.redirect(303, `${PATH}?done=saved`);
  }

  async function create(req: Request, res: Response): Promise<void> {
    const person = personIn(formFields(req.body));
    try {
      await createStaff(staffOf(req).ctx, person, rolesIn(req));
    } catch (error) {
      const { status, code, faults } = refusalOf(error);
      const fault = code === 'uniqueness' ? [{ key: 'users:fault.userName.taken', field: 'userName' }] : faults;
      return page(req, res, person, fault, status);
    }
    res.redirect(303, `${PATH}?done=invited`);
  }

  return [
    { method: 'get', path: '/staff', needs: 'staff.read', handle: (req, res) => page(req, res, empty(res)) },
    { method: 'post', path: '/staff', needs: 'staff.write', handle: create },
    { method: 'post', path: '/staff/:user', needs: 'staff.write', handle: save },
  ];
}
