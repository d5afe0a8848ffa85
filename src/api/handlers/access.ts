// Who can do something, and substitutions; see ../operations/access.ts.
import { DIMENSIONS, type Dimension } from '../../applications/application.ts';
import { catalogue } from '../../applications/current-catalogue.ts';
import type { Actor } from '../../context.ts';
import type { EntitlementGift } from '../../entitlements/copy-rights.ts';
import { listConflicting } from '../../entitlements/list-conflicting.ts';
import { pairName } from '../../entitlements/separation.ts';
import { accessPageOn } from '../../entitlements/access-on.ts';
import { endSubstitution, listSubstitutions, substitute } from '../../entitlements/substitute.ts';
import { whoCan } from '../../entitlements/who-can.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { accessOperations } from '../operations/access.ts';
import { afterId, limitOf, page } from '../page.ts';

type Who = { readonly kind: Actor['kind']; readonly id: string; readonly label: string };
const who = (one: { kind: string; id: string; label: string }): Who => one as Who;

const shownGift = ({ profile, validFrom, validUntil, ...gift }: EntitlementGift) => ({
  ...gift,
  profile: profile ?? null,
  validFrom: validFrom ?? null,
  validUntil: validUntil ?? null,
});

export const accessHandlers: Handlers<typeof accessOperations> = {
  'access.who-can': async (ctx, { query }) => {
    const { application, customerAccountId, after } = query;
    const values = Object.fromEntries(
      DIMENSIONS.flatMap((dimension): [Dimension, string][] => {
        const value = query[dimension];
        return value === undefined ? [] : [[dimension, value]];
      }),
    );
    const asked = { application, values, size: limitOf(query), ...compact({ customerAccountId, after }) };
    const { people, next } = await whoCan(ctx, asked);
    return {
      items: people.map(({ causes, entitlement: _, ...person }) => ({
        ...person,
        causes: causes.map(({ role, validity: _span, givenAt, ...cause }) => ({
          ...cause,
          role: role ?? null,
          givenAt: new Date(givenAt),
        })),
      })),
      next,
    };
  },
  'access.conflicts': async (ctx, { query }) => {
    const { conflicts, next } = await listConflicting(ctx, {
      size: limitOf(query),
      ...compact({ after: afterId(query) }),
    });
    return {
      items: conflicts.map(({ pair: { a, b, mode, ...pair }, causes: _causes, ...held }) => ({
        ...held,
        mode,
        a,
        b,
        between: pairName(catalogue(), { a, b, mode, ...pair }),
      })),
      next,
    };
  },
  'access.at': async (ctx, { query }) => {
    const at = new Date(Math.min(query.at.getTime(), ctx.now.getTime()));
    const { rows, next } = await accessPageOn(ctx, at, { after: afterId(query), size: limitOf(query) });
    return { items: rows, next };
  },
  'substitution.give': async (ctx, { body }) => {
    const { substitution, given, refused } = await substitute(ctx, compact(body));
    return {
      substitution: { ...substitution, givenBy: who(substitution.givenBy) },
      given: given.map(shownGift),
      refused: refused.map(({ gift, refusal }) => ({ gift: shownGift(gift), code: refusal.code })),
    };
  },
  'substitution.list': async (ctx, { query }) => {
    const all = await listSubstitutions(ctx);
    return page(
      all.map(({ absent: _a, substitute: _s, ...one }) => ({ ...one, givenBy: who(one.givenBy) })),
      query,
      ({ id }) => id,
    );
  },
  'substitution.end': (ctx, { params }) => endSubstitution(ctx, params.substitution),
};
