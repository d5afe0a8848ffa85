// What every rights page starts from: who is at work and how far he may give, whose rights they are, what is locked,
// and the words. Another organization's user or group, and a customer account outside the actor's reach, are not found.
import type { Request, Response } from 'express';
import type { Application } from '../../applications/application.ts';
import type { OrganizationCtx } from '../../context.ts';
import { actingAccounts, type ActingAccount } from '../../entitlements/acting-accounts.ts';
import { loadActing, mayAdminister, notPermitted, type Acting } from '../../entitlements/acting.ts';
import { findRole } from '../../entitlements/find-role.ts';
import { actsOn, type Holder } from '../../entitlements/holder.ts';
import { locksOn, type Locks } from '../../entitlements/locks.ts';
import { HubError } from '../../errors.ts';
import { findGroup } from '../../groups/find-group.ts';
import { customerAccountNotFound } from '../../organizations/find-customer-account.ts';
import type { Translate } from '../../texts.ts';
import { findUser } from '../../users/find-user.ts';
import { nameOf } from '../../users/user-row.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { actingWords } from './acting-words.ts';
import { type Words } from './words.ts';

type RightsSubject = Holder & {
  readonly name: string;
  /** A deactivated user holds nothing until he is active again. */
  readonly active: boolean;
  /** Address of the page of this user, group or role. */
  readonly path: string;
};

export type Desk = {
  readonly ctx: OrganizationCtx;
  readonly acting: Acting;
  readonly subject: RightsSubject;
  /** What can be done with its entitlements. */
  readonly acts: ReturnType<typeof actsOn>;
  readonly locks: Locks;
  /** Those on which the actor may give rights at all. */
  readonly accounts: readonly ActingAccount[];
  readonly settings: PortalSettings;
  readonly t: Translate;
  /** What the page's frame and head need, to be spread into its values. */
  readonly frame: Record<string, unknown>;
  /** Words that know the contracts and billing addresses of these customer accounts. */
  readonly words: (customerAccounts: readonly string[]) => Promise<Words>;
};

/** Where in the rail one is. */
const LIST_OF = { user: 'my_users', group: 'groups', role: 'roles' } as const;

async function subjectOf(ctx: OrganizationCtx, kind: Holder['kind'], id: string): Promise<RightsSubject> {
  if (kind === 'role') {
    const role = await findRole(ctx, id);
    return { kind, id: role.id, name: role.name, active: true, path: `/portal/roles/${role.id}` };
  }
  if (kind === 'group') {
    const { document, ...group } = await findGroup(ctx, id);
    return {
      kind,
      id: group.id,
      name: String(document['displayName']),
      active: true,
      path: `/portal/groups/${group.id}`,
    };
  }
  const user = await findUser(ctx, id);
  return { kind, id: user.id, name: nameOf(user.document), active: user.active, path: `/portal/users/${user.id}` };
}

/** Throws HubError `not_permitted` for a person who administers nothing, `not_found` for a subject that is not his organization's. */
export async function openDesk(
  settings: PortalSettings,
  req: Request,
  res: Response,
  kind: Holder['kind'],
): Promise<Desk> {
  const visitor = visitorOf(req);
  const { ctx } = visitor;
  const acting = await loadActing(ctx);
  const reachable = await actingAccounts(acting);
  const accounts = reachable.filter(({ id }) => mayAdminister(acting, [id]));
  if (acting.rank === 'none' && accounts.length === 0) throw notPermitted();
  const subject = await subjectOf(ctx, kind, String(req.params['id']));
  const t = translatorOf(settings.site, res);
  return {
    ctx,
    acting,
    subject,
    acts: actsOn(subject),
    accounts,
    settings,
    t,
    locks: await locksOn(ctx, acting, subject),
    frame: {
      ...(await shellLocals(visitor, LIST_OF[kind])),
      subject,
      subjectName: subject.name,
      crumbs: [
        { href: `/portal/${kind}s`, text: t(`shell:navigation.${LIST_OF[kind]}`) },
        { href: subject.path, text: subject.name },
      ],
    },
    words: (customerAccounts) => actingWords(settings, res, { acting, accounts: reachable }, customerAccounts),
  };
}

/** The application of the address. Throws HubError `not_found`. */
export function applicationAt(settings: PortalSettings, req: Request): Application {
  const key = String(req.params['application']);
  const application = settings.catalogue.get(key);
  if (!application) throw new HubError('not_found', `There is no application "${key}".`);
  return application;
}

/** A customer account on which the actor may give rights. Throws HubError `not_found`. */
export function accountAt(desk: Desk, id: string): ActingAccount {
  const account = desk.accounts.find((one) => one.id === id.toLowerCase());
  if (!account) throw customerAccountNotFound(id);
  return account;
}

/** One of possibly many values of a query or form field. */
export function fieldOf(source: unknown, name: string): string {
  const value = (source as Record<string, unknown> | undefined)?.[name];
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === 'string' ? one : '';
}

export function fieldsOf(source: unknown, name: string): string[] {
  const value = (source as Record<string, unknown> | undefined)?.[name];
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((one) => typeof one === 'string' && one !== '') as string[];
}
