// Edit somebody's details. What may not be changed by this visitor is shown with the reason instead of a field; a directory's
// people are changed in the directory. Whoever edits what another changed meanwhile is told so.
import type { Request, Response } from 'express';
import { HubError, type ErrorCode } from '../../errors.ts';
import { findOrganization } from '../../organizations/find-organization.ts';
import { changeUser } from '../../users/change-user.ts';
import {
  checkDetails,
  detailsOf,
  withDetails,
  type DetailsField,
  type PersonDetails,
} from '../../users/person-details.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { detailsFaults, detailsIn, detailsLocals } from './details-form.ts';
import { editRefusal, targetOf, type Target } from './target.ts';

/** Field -> reason; `whole`: the one that is said for all of them; `own`: he does it himself, elsewhere. */
function lockedIn(target: Target): Partial<Record<DetailsField, ErrorCode | 'whole' | 'own'>> {
  const whole = editRefusal(target);
  const { refusals } = target;
  const all = ['userName', 'salutation', 'givenName', 'familyName', 'email', 'language'] as const;
  if (whole !== null) return Object.fromEntries(all.map((field) => [field, 'whole']));
  return {
    ...(refusals.change_username !== null && { userName: refusals.change_username }),
    ...(target.himself
      ? { email: 'own' as const }
      : refusals.change_email !== null && { email: refusals.change_email }),
  };
}

export function editPages({ render }: PortalSettings) {
  type Shown = { values?: PersonDetails; version?: string; faults?: readonly Fault[]; status?: number };

  async function show(
    req: Request,
    res: Response,
    { values, version, faults = [], status = 200 }: Shown = {},
  ): Promise<void> {
    const target = await targetOf(req);
    const { visitor, user, path } = target;
    const { settings } = await findOrganization(visitor.ctx, visitor.organizationId);
    render(
      res,
      'portal/users/edit',
      {
        ...(await shellLocals(visitor, 'my_users')),
        ...detailsLocals(values ?? detailsOf(user.document), faults, settings.username, lockedIn(target)),
        name: user.name,
        user,
        version: version ?? String(user.version),
        action: `${path}/edit`,
        userHref: path,
        refused: editRefusal(target),
        ...(faults.length > 0 && { errors: faults }),
      },
      { status },
    );
  }

  async function save(req: Request, res: Response): Promise<void> {
    const target = await targetOf(req);
    const { visitor, user, path } = target;
    const fields = formFields(req.body);
    const before = detailsOf(user.document);
    const locked = lockedIn(target);
    // A locked field is not in the form: it stays. One that was sent all the same is asked for, and refused.
    const kept = Object.fromEntries(
      Object.keys(locked).map((field) => [field, fields[field] ?? before[field as DetailsField]]),
    );
    const values: PersonDetails = { ...detailsIn(fields), ...kept };
    try {
      const { settings } = await findOrganization(visitor.ctx, visitor.organizationId);
      checkDetails(values, settings.username, before);
      await changeUser(visitor.ctx, user.id, (document, record) => {
        if (String(record.version) !== fields['version'])
          throw new HubError('conflict', 'The user was changed by somebody else meanwhile.');
        return withDetails(document, values);
      });
    } catch (error) {
      const known = detailsFaults(error);
      const refusal = known ? { faults: known, status: 422 } : refusalOf(error);
      return show(req, res, { values, faults: refusal.faults, status: refusal.status });
    }
    res.redirect(303, `${path}?done=edited`);
  }

  return { show: (req: Request, res: Response) => show(req, res), save };
}
