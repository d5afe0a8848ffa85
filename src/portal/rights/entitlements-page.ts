// What a person or group holds in one application, entitlement by entitlement and customer account by customer account,
// never as one sum. What came by a group or a role is shown with its way; what lies beyond the visitor's own rights is
// shown whole and locked, with the reason.
import type { Request, Response } from 'express';
import type { Application } from '../../applications/application.ts';
import { label } from '../../applications/catalogue.ts';
import { applicationsOf } from '../../entitlements/acting-accounts.ts';
import type { Holder } from '../../entitlements/holder.ts';
import type { Lock } from '../../entitlements/locks.ts';
import type { Standing } from '../../entitlements/standing.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { accountAt, applicationAt, fieldOf, openDesk, type Desk } from './desk.ts';
import { whyAddress } from './why-address.ts';
import type { Words } from './words.ts';

const DONE = ['saved', 'unchanged', 'ended', 'copied'] as const;

export const rightsPath = (desk: Desk, application: Application): string =>
  `${desk.subject.path}/rights/${application.key}`;

/** An entitlement as its row shows it. */
export function shownStanding(desk: Desk, words: Words, { entitlement, causes, effect, withheld }: Standing) {
  const [cause] = causes;
  const { from, until } = entitlement.validity;
  return {
    lists: words.listsOf(entitlement),
    profile: words.profileOf(entitlement),
    by: cause?.givenBy.id === desk.ctx.actor.id ? words.t('rights:you') : cause?.givenBy.label,
    givenAt: new Date(cause?.givenAt ?? 0),
    ...(from !== null && from > desk.ctx.now.getTime() ? { from: new Date(from) } : {}),
    ...(until === null ? {} : { until: new Date(until - 1) }),
    effect,
    withheld: [...new Set(withheld.map(({ code }) => code))],
  };
}

/** All that somebody or something gives or holds, in whatever application, for a page that is not about one. */
export async function shownStandings(desk: Desk) {
  const standing = await desk.acts.standing(desk.ctx);
  const words = await desk.words(standing.map(({ entitlement }) => entitlement.customerAccount));
  return standing.map((one) => ({
    ...shownStanding(desk, words, one),
    cause: one.causes[0],
    application: words.applicationOf(one.entitlement.application),
    account: words.accountOf(one.entitlement.customerAccount).title,
    href: `${desk.subject.path}/rights/${one.entitlement.application}`,
  }));
}

export const entitlementsPage =
  (settings: PortalSettings, kind: Holder['kind']) =>
  async (req: Request, res: Response): Promise<void> => {
    const application = applicationAt(settings, req);
    const desk = await openDesk(settings, req, res, kind);
    const { subject, locks } = desk;
    const asked = fieldOf(req.query, 'account');
    const selected = asked === '' ? undefined : accountAt(desk, asked);
    const standing = await desk.acts.standing(desk.ctx, application.key);
    const words = await desk.words(standing.map(({ entitlement }) => entitlement.customerAccount));
    const path = rightsPath(desk, application);
    const available = new Set(applicationsOf(desk.acting).get(application.key) ?? []);
    const givable = desk.accounts.filter(({ id }) => available.has(id));
    const held = new Set(standing.map(({ entitlement }) => entitlement.customerAccount));
    // A mail house may have hundreds of customers: those with something, the one asked for, or the only one.
    const shown = desk.accounts.filter(({ id }) =>
      selected ? id === selected.id : held.has(id) || (givable.length === 1 && givable[0]?.id === id),
    );
    const row = (one: Standing) => {
      const { entitlement } = one;
      const at = `account=${entitlement.customerAccount}&assignment=${one.assignmentId}`;
      const lockOf = (lock: Lock | null) => lock && words.t(`reasons:${lock.code}`);
      const [changing, ending] = [locks.changing(entitlement), locks.ending(entitlement)];
      return {
        ...shownStanding(desk, words, one),
        ways: one.causes.map((cause) => ({
          groups: cause.groupPath.slice(kind === 'group' ? 1 : 0).map(({ name }) => name),
          role: cause.role?.name,
        })),
        ...(kind === 'user' ? { whyHref: whyAddress(desk.subject.path, desk.acting, entitlement) } : {}),
        ...(one.direct
          ? {
              href: `${path}/edit?${at}`,
              locked: lockOf(changing) ?? undefined,
              beyond: changing?.code === 'grantor_lacks_right',
              ...(ending ? { endLocked: lockOf(ending) } : { endHref: `${path}/end?${at}` }),
            }
          : {}),
      };
    };
    const sections = shown.map((account) => {
      const own = standing.filter(({ entitlement }) => entitlement.customerAccount === account.id);
      const giving = locks.giving(account.id);
      return {
        ...words.accountOf(account.id),
        direct: own.filter(({ direct }) => direct).map(row),
        indirect: own.filter(({ direct }) => !direct).map(row),
        ...(available.has(account.id) && giving === null ? { addHref: `${path}/edit?account=${account.id}` } : {}),
        ...(giving ? { giving: words.t(`reasons:${giving.code}`) } : {}),
      };
    });
    const others = givable.filter((account) => !shown.includes(account));
    const done = DONE.find((one) => one === req.query['done']);
    settings.render(res, 'portal/rights/entitlements', {
      ...desk.frame,
      applicationLabel: label(application.label, words.language),
      path,
      sections,
      lock: locks.subject?.code,
      ...(kind === 'role' ? {} : { copyHref: `${path}/copy` }),
      self: subject.id === desk.acting.userId,
      others: others.map(({ id }) => words.accountOf(id)),
      filtered: selected !== undefined && held.size > 1,
      ...(done ? { notice: { kind: done === 'unchanged' ? 'info' : 'ok', text: desk.t(`rights:done.${done}`) } } : {}),
    });
  };
