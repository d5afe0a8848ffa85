// "Create user" in two steps: who he is, then which administration rights he gets. What was typed in the first step travels
// in the form of the second, so it needs neither script nor memory; nothing is kept before the last button.
import type { Request, Response } from 'express';
import { giveTemporaryPassword } from '../../credentials/change-password.ts';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import { administrationRightChoices } from '../../entitlements/change-administration-rights.ts';
import { findOrganization } from '../../organizations/find-organization.ts';
import { refuseWhileActing } from '../../support/refuse-while-acting.ts';
import { createPerson } from '../../users/create-person.ts';
import { faultsIn, type PersonDetails } from '../../users/person-details.ts';
import { findByUserName } from '../../users/find-by-user-name.ts';
import { readUserDetails } from '../../users/user-details.ts';
import { languageOf } from '../../web/page.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, formValues, refusalOf, type Fault } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { detailsFaults, detailsIn, detailsLocals, faultOf } from './details-form.ts';
import { LIST_PATH } from './list-query.ts';
import { rightFaults, ticksOf, wantedRights } from './right-choices.ts';

const ACTION = `${LIST_PATH}/new`;

type Access = 'invite' | 'temporary';
type Form = { details: PersonDetails; access: Access; ticked: ReadonlySet<string> | undefined };

export function createUserPages({ site, render }: PortalSettings) {
  const usernamesOf = async (req: Request) => {
    const { ctx } = visitorOf(req);
    return (await findOrganization(ctx, ctx.organizationId)).settings.username;
  };

  async function showDetails(
    req: Request,
    res: Response,
    { details, access }: Form,
    faults: readonly Fault[] = [],
  ): Promise<void> {
    const usernames = await usernamesOf(req);
    render(
      res,
      'portal/users/create',
      {
        ...(await shellLocals(visitorOf(req), 'my_users')),
        ...detailsLocals(details, faults, usernames),
        action: ACTION,
        access,
        cancelHref: LIST_PATH,
        ...(faults.length > 0 && { errors: faults }),
      },
      { status: faults.length > 0 ? 422 : 200 },
    );
  }

  async function showRights(
    req: Request,
    res: Response,
    form: Form,
    faults: readonly Fault[] = [],
    status = 200,
  ): Promise<void> {
    const visitor = visitorOf(req);
    const ticks = ticksOf(await administrationRightChoices(visitor.ctx, null), form.ticked);
    render(
      res,
      'portal/users/create-rights',
      {
        ...(await shellLocals(visitor, 'my_users')),
        action: ACTION,
        details: form.details,
        name: `${form.details.givenName} ${form.details.familyName}`,
        access: form.access,
        ticks,
        ...(faults.length > 0 && { errors: faults }),
      },
      { status },
    );
  }

  /** The first step in the actor's own language, which most of his colleagues share. */
  async function show(req: Request, res: Response): Promise<void> {
    await checkAdministers(visitorOf(req).ctx);
    const details = { ...detailsIn({}), language: languageOf(res, site) };
    return showDetails(req, res, { details, access: 'invite', ticked: undefined });
  }

  async function next(req: Request, res: Response, form: Form): Promise<void> {
    const faults = faultsIn(form.details, await usernamesOf(req)).map(faultOf);
    if (faults.length === 0 && (await findByUserName(visitorOf(req).ctx, form.details.userName)))
      faults.push({ key: 'users:fault.userName.taken', field: 'userName' });
    return faults.length > 0 ? showDetails(req, res, form, faults) : showRights(req, res, form);
  }

  async function finish(req: Request, res: Response, form: Form): Promise<void> {
    const { ctx, organizationId } = visitorOf(req);
    const choices = await administrationRightChoices(ctx, null);
    const rights = wantedRights(choices, form.ticked ?? new Set());
    let userId: string;
    try {
      userId = await createPerson(ctx, { details: form.details, rights, invite: form.access === 'invite' });
    } catch (error) {
      const faults = detailsFaults(error);
      if (faults) return showDetails(req, res, form, faults);
      const refusal = refusalOf(error);
      return showRights(req, res, form, rightFaults(refusal.faults), refusal.status);
    }
    if (form.access === 'invite') return void res.redirect(303, `${LIST_PATH}/${userId}/created`);
    // Shown in the answer to this form and nowhere else.
    return showCreated(req, res, userId, await giveTemporaryPassword(ctx, { organizationId, userId }));
  }

  async function showCreated(
    req: Request,
    res: Response,
    userId: string,
    temporary?: { password: string; expiresAt: Date },
  ): Promise<void> {
    const visitor = visitorOf(req);
    const user = await readUserDetails(visitor.ctx, userId);
    render(res, 'portal/users/created', {
      ...(await shellLocals(visitor, 'my_users')),
      user,
      name: user.name,
      temporary,
      userHref: `${LIST_PATH}/${userId}`,
      listHref: LIST_PATH,
      createHref: ACTION,
    });
  }

  async function post(req: Request, res: Response): Promise<void> {
    await checkAdministers(visitorOf(req).ctx);
    const fields = formFields(req.body);
    const details = detailsIn(fields);
    const access = fields['access'] === 'temporary' ? 'temporary' : 'invite';
    // Before anything is created, since support would learn the password.
    if (access === 'temporary') refuseWhileActing(visitorOf(req).ctx);
    const step = fields['step'] ?? 'details';
    const ticked = step === 'details' ? undefined : new Set(formValues(req.body, 'right'));
    const form: Form = { details, access, ticked };
    if (step === 'back') return showDetails(req, res, form);
    return step === 'finish' ? finish(req, res, form) : next(req, res, form);
  }

  return { show, post, created: (req: Request, res: Response) => showCreated(req, res, String(req.params['id'])) };
}
