// "My details": what the hub knows of the person himself. Name, salutation and language he changes himself, unless a
// directory manages him; his e-mail address with a link that confirms it (change-email.ts). His username an administrator changes.
import type { Request, Response } from 'express';
import { openEmailChange } from '../credentials/change-email.ts';
import { refusalCode } from '../entitlements/change-administration-rights.ts';
import type { ErrorCode } from '../errors.ts';
import { findOrganization } from '../organizations/find-organization.ts';
import { changeUser } from '../users/change-user.ts';
import { directoryOwned } from '../users/check-change.ts';
import { findAdministrators } from '../users/find-administrators.ts';
import { findUser } from '../users/find-user.ts';
import { checkDetails, detailsOf, withDetails, type PersonDetails } from '../users/person-details.ts';
import { owningDirectory } from '../users/owning-directory.ts';
import { translatorOf } from '../web/render.ts';
import { CHANGE_EMAIL_PATH } from './change-email.ts';
import { NOTICES_PATH } from './notices.ts';
import type { PortalSettings } from './portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../web/refusal.ts';
import { shellLocals } from './shell.ts';
import { visitorOf } from './signed-in.ts';
import { detailsFaults, detailsIn, detailsLocals } from './users/details-form.ts';

const ACTION = '/portal/details';

export function myDetailsPages({ site, render }: PortalSettings) {
  type Shown = { values?: PersonDetails; faults?: readonly Fault[]; status?: number };

  async function show(req: Request, res: Response, { values, faults = [], status = 200 }: Shown = {}): Promise<void> {
    const visitor = visitorOf(req);
    const { ctx, organizationId, userId } = visitor;
    const t = translatorOf(site, res);
    const [record, directory, administrators, { settings }] = await Promise.all([
      findUser(ctx, userId),
      owningDirectory(ctx, userId),
      findAdministrators(organizationId, ctx.now),
      findOrganization(ctx, organizationId),
    ]);
    const code: ErrorCode | null =
      directory === null ? null : await refusalCode(() => Promise.reject(directoryOwned()));
    const locked = {
      userName: 'own',
      // Its own panel below says how it is changed.
      email: 'whole',
      ...(code && { salutation: 'whole', givenName: 'whole', familyName: 'whole', language: 'whole' }),
    };
    render(
      res,
      'portal/my-details',
      {
        ...(await shellLocals(visitor, 'my_identification')),
        ...detailsLocals(values ?? detailsOf(record.document), faults, settings.username, locked),
        organization: visitor.organizationName,
        directory,
        refused: code,
        administrators: administrators.filter(({ email }) => email !== undefined),
        lastSignIn: visitor.lastSignInAt,
        createdAt: record.createdAt,
        action: ACTION,
        historyHref: `/portal/history?user=${userId}`,
        emailHref: CHANGE_EMAIL_PATH,
        noticesHref: NOTICES_PATH,
        emailChange: await openEmailChange(ctx, userId),
        ...(req.query['done'] === 'saved' && { notice: { kind: 'ok', text: t('users:details.saved') } }),
        ...(faults.length > 0 && { errors: faults }),
      },
      { status },
    );
  }

  async function save(req: Request, res: Response): Promise<void> {
    const { ctx, userId } = visitorOf(req);
    const { document } = await findUser(ctx, userId);
    const before = detailsOf(document);
    const fields = formFields(req.body);
    // Only what the form offers, but what was sent all the same is asked for, and refused.
    const values = {
      ...detailsIn(fields),
      userName: fields['userName'] ?? before.userName,
      email: fields['email'] ?? before.email,
    };
    try {
      checkDetails(values, 'free', before);
      await changeUser(ctx, userId, (stored) => withDetails(stored, values));
    } catch (error) {
      const known = detailsFaults(error);
      const refusal = known ? { faults: known, status: 422 } : refusalOf(error);
      return show(req, res, { values, faults: refusal.faults, status: refusal.status });
    }
    res.redirect(303, `${ACTION}?done=saved`);
  }

  return { show: (req: Request, res: Response) => show(req, res), save };
}
