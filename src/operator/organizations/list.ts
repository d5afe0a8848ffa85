// The list of organizations, and the form for a new one.
import type { Request, Response } from 'express';
import { createOrganization } from '../../organizations/create-organization.ts';
import { searchOrganizations } from '../../organizations/search-organizations.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import type { OperatorRoute } from '../mount.ts';
import type { OperatorSettings } from '../operator-settings.ts';
import { shellLocals } from '../shell.ts';
import { staffOf } from '../staff.ts';

export const PATH = '/operator/organizations';
const STATES = ['active', 'suspended', 'closed'] as const;
const PAGE = 25;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export function organizationList(settings: OperatorSettings): OperatorRoute[] {
  const { render } = settings;

  async function list(req: Request, res: Response): Promise<void> {
    const text = textOf(req.query['q']).trim();
    const state = STATES.find((one) => one === req.query['state']);
    const withoutChief = req.query['chief'] === 'none';
    const before = textOf(req.query['before']);
    const { organizations, next } = await searchOrganizations(staffOf(req).ctx, {
      text,
      withoutChief,
      limit: PAGE,
      ...(state && { state }),
      ...(before !== '' && { before }),
    });
    const asked = new URLSearchParams({
      ...(text !== '' && { q: text }),
      ...(state && { state }),
      ...(withoutChief && { chief: 'none' }),
    });
    const address = (more: Record<string, string>) =>
      `${PATH}?${new URLSearchParams([...asked, ...Object.entries(more)])}`;
    render(res, 'operator/organizations/list', {
      ...(await shellLocals(settings, req, res, 'organizations')),
      organizations,
      asked: { text, state, withoutChief },
      narrowed: [...asked].length > 0,
      states: STATES,
      path: PATH,
      nextHref: next === null ? undefined : address({ before: next }),
      firstHref: before === '' ? undefined : address({}),
    });
  }

  async function form(
    req: Request,
    res: Response,
    name = '',
    errors: readonly Fault[] = [],
    status = 200,
  ): Promise<void> {
    const shell = await shellLocals(settings, req, res, 'organizations');
    render(
      res,
      'operator/organizations/new',
      { ...shell, path: PATH, name, ...(errors.length > 0 && { errors }) },
      { status },
    );
  }

  async function create(req: Request, res: Response): Promise<void> {
    const { name = '' } = formFields(req.body);
    try {
      const { id } = await createOrganization(staffOf(req).ctx, { name });
      res.redirect(303, `${PATH}/${id}?done=created`);
    } catch (error) {
      const { status } = refusalOf(error);
      await form(req, res, name, [{ key: 'operator:organization.name_missing', field: 'name' }], status);
    }
  }

  return [
    { method: 'get', path: '/organizations', needs: 'organizations.read', handle: list },
    { method: 'get', path: '/organizations/new', needs: 'organizations.write', handle: (req, res) => form(req, res) },
    { method: 'post', path: '/organizations/new', needs: 'organizations.write', handle: create },
  ];
}
