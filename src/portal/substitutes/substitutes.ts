// Substitutes: who stands in for whom and until when; a form, a page that says what would be given and what of it is refused
// and why, and the act.
import type { Request, Response } from 'express';
import { loadActing } from '../../entitlements/acting.ts';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import { boxOfGift, type EntitlementGift } from '../../entitlements/copy-rights.ts';
import {
  endSubstitution,
  listSubstitutions,
  previewSubstitution,
  substitute,
  type SubstitutionInput,
  type SubstitutionOutcome,
} from '../../entitlements/substitute.ts';
import type { Gain } from '../../entitlements/giving.ts';
import { HubError } from '../../errors.ts';
import { findByUserName } from '../../users/find-by-user-name.ts';
import { findUser } from '../../users/find-user.ts';
import { nameOf } from '../../users/user-row.ts';
import { translatorOf } from '../../web/render.ts';
import { accessTabs } from '../access/access-tabs.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { actingWords } from '../rights/acting-words.ts';
import { dayOf, endOfDay, startOfDay } from '../../web/days.ts';
import { missingFaults } from '../rights/refusal-words.ts';
import { type Words } from '../rights/words.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';

const PATH = '/portal/substitutes';
type Fields = { absent: string; substitute: string; from: string; until: string };

const FIELDS = { absent: 'absent', substitute: 'substitute', validUntil: 'until', until: 'until' } as const;

/** A refusal beside the field that it speaks of, where it speaks of one. */
function faultsOf(error: unknown): { faults: readonly Fault[]; status: number } {
  if (error instanceof HubError && error.code === 'invalid_input') {
    const [issue] = (error.details['issues'] ?? []) as { path?: keyof typeof FIELDS }[];
    const field = issue?.path && FIELDS[issue.path];
    if (field) return { faults: [{ key: `reviews:substitutes.fault.${field}`, field }], status: 422 };
  }
  return refusalOf(error);
}

export function substitutePages(settings: PortalSettings) {
  const { timeZone } = settings.site;

  async function show(
    req: Request,
    res: Response,
    { fields, faults = [], status = 200 }: { fields?: Fields; faults?: readonly Fault[]; status?: number } = {},
  ): Promise<void> {
    const visitor = visitorOf(req);
    const t = translatorOf(settings.site, res);
    const substitutions = await listSubstitutions(visitor.ctx);
    const done = (['given', 'ended'] as const).find((one) => one === req.query['done']);
    const absent = typeof req.query['absent'] === 'string' ? req.query['absent'] : undefined;
    settings.render(
      res,
      'portal/substitutes',
      {
        ...(await shellLocals(visitor, 'access')),
        tabs: accessTabs('substitutes'),
        fields: fields ?? {
          absent: absent ?? String(visitor.document['userName']),
          substitute: '',
          from: dayOf(visitor.ctx.now, timeZone),
          until: '',
        },
        today: dayOf(visitor.ctx.now, timeZone),
        faultAt: Object.fromEntries(faults.flatMap(({ field, key }) => (field === undefined ? [] : [[field, key]]))),
        substitutions: substitutions.map(({ validUntil, validFrom, assignmentIds, ...one }) => ({
          ...one,
          from: validFrom,
          until: new Date(validUntil.getTime() - 1),
          count: assignmentIds.length,
          endAction: `${PATH}/${one.id}/end`,
        })),
        ...(done && { notice: { kind: 'ok', text: t(`reviews:substitutes.done.${done}`) } }),
        ...(faults.length > 0 && { errors: faults }),
      },
      { status },
    );
  }

  /** What the form asks for; or its faults. */
  async function read(req: Request, fields: Fields): Promise<SubstitutionInput | Fault[]> {
    const { ctx } = visitorOf(req);
    const [absent, stand] = [await findByUserName(ctx, fields.absent), await findByUserName(ctx, fields.substitute)];
    const from = startOfDay(fields.from, timeZone);
    const until = endOfDay(fields.until, timeZone);
    const faults = [
      ...(absent ? [] : ['absent_unknown']),
      ...(stand ? [] : ['substitute_unknown']),
      ...(from ? [] : ['from']),
      ...(until ? [] : ['until']),
    ].map((key): Fault => ({ key: `reviews:substitutes.fault.${key}`, field: key.replace('_unknown', '') }));
    if (!absent || !stand || !from || !until) return faults;
    return {
      absentUserId: absent.id,
      substituteUserId: stand.id,
      // Today is at once, not since midnight.
      validFrom: from <= ctx.now ? null : from,
      validUntil: until,
    };
  }

  async function wordsOf(req: Request, res: Response, accounts: readonly string[]): Promise<Words> {
    return actingWords(settings, res, { acting: await loadActing(visitorOf(req).ctx) }, accounts);
  }

  /** The reason, and which of the colleague's rights it speaks of. */
  async function refuse(req: Request, res: Response, fields: Fields, error: unknown): Promise<void> {
    const { faults, status } = faultsOf(error);
    const lacking = error instanceof HubError ? ((error.details['missing'] ?? []) as Gain[]) : [];
    const boxes = lacking.flatMap((gain) => gain.boxes);
    const words = await wordsOf(
      req,
      res,
      boxes.map(({ customerAccount }) => customerAccount),
    );
    return show(req, res, { fields, faults: [...faults, ...missingFaults(boxes, words)], status });
  }

  async function preview(req: Request, res: Response, fields: Fields, input: SubstitutionInput): Promise<void> {
    const visitor = visitorOf(req);
    const { ctx } = visitor;
    const found: SubstitutionOutcome = await previewSubstitution(ctx, input);
    const [absent, stand] = [await findUser(ctx, input.absentUserId), await findUser(ctx, input.substituteUserId)];
    const all = [...found.given, ...found.refused.map(({ gift }) => gift)];
    const words = await wordsOf(
      req,
      res,
      all.map(({ customerAccountId }) => customerAccountId),
    );
    const row = (gift: EntitlementGift, code?: string) => ({
      application: words.applicationOf(gift.application),
      account: words.accountOf(gift.customerAccountId).title,
      lists: words.listsOf(boxOfGift(gift)),
      profile: words.profileOf(boxOfGift(gift)),
      until: gift.validUntil ? new Date(gift.validUntil.getTime() - 1) : undefined,
      code,
    });
    settings.render(res, 'portal/substitutes-preview', {
      ...(await shellLocals(visitor, 'access')),
      tabs: accessTabs('substitutes'),
      fields,
      absent: nameOf(absent.document),
      substitute: nameOf(stand.document),
      from: input.validFrom ?? ctx.now,
      until: new Date(input.validUntil.getTime() - 1),
      rows: [
        ...found.given.map((gift) => row(gift)),
        ...found.refused.map(({ gift, refusal }) => row(gift, refusal.code)),
      ],
      count: found.given.length,
      action: PATH,
      backHref: PATH,
    });
  }

  async function post(req: Request, res: Response): Promise<void> {
    const { ctx } = visitorOf(req);
    await checkAdministers(ctx);
    const { absent = '', substitute: stand = '', from = '', until = '', confirmed } = formFields(req.body);
    const fields = { absent, substitute: stand, from, until };
    const input = await read(req, fields);
    if (Array.isArray(input)) return show(req, res, { fields, faults: input, status: 422 });
    try {
      if (confirmed !== 'yes') return await preview(req, res, fields, input);
      await substitute(ctx, input);
    } catch (error) {
      return refuse(req, res, fields, error);
    }
    res.redirect(303, `${PATH}?done=given`);
  }

  async function end(req: Request, res: Response): Promise<void> {
    try {
      await endSubstitution(visitorOf(req).ctx, String(req.params['id']));
    } catch (error) {
      return show(req, res, refusalOf(error));
    }
    res.redirect(303, `${PATH}?done=ended`);
  }

  return { show: (req: Request, res: Response) => show(req, res), post, end };
}
