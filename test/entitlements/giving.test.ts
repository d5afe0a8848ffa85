import { describe, expect, it } from '@jest/globals';
import { ALWAYS, type Box, type Validity, type Values } from '../../src/entitlements/box.ts';
import { ceilingOf, heldOrHeldAgain } from '../../src/entitlements/ceiling.ts';
import { covers } from '../../src/entitlements/covers.ts';
import { gainOf, mayGive, type Giving } from '../../src/entitlements/giving.ts';
import { mayTakeAway } from '../../src/entitlements/taking-away.ts';
import { mayLoseChief, mayTouch, outranks, RANKS, type Touching } from '../../src/entitlements/touching.ts';
import { account, assign, entitlement, everything, link, NOW, snapshot } from './applications.ts';

const box = (rights: Values, contracts: Values, validity: Validity = ALWAYS, customerAccount = 'own'): Box => ({
  application: 'plain',
  customerAccount,
  values: { rights, contracts },
  validity,
});
const until = (end: number): Validity => ({ from: null, until: end });

describe('giving', () => {
  const give = (boxes: Box[], more: Partial<Giving> = {}) =>
    mayGive({
      at: NOW,
      ceiling: [box(['a', 'b'], ['1', '2'])],
      actorUserId: 'me',
      chief: false,
      gains: [{ receiverUserId: 'you', boxes }],
      ...more,
    });

  it('is allowed within the ceiling and refused with the missing boxes beyond it', () => {
    expect(give([box(['a'], ['1', '2'])])).toEqual({ ok: true });
    expect(give([box(['a', 'c'], ['1'])])).toEqual({
      ok: false,
      code: 'grantor_lacks_right',
      missing: [{ receiverUserId: 'you', boxes: [box(['c'], ['1'], { from: NOW, until: null })] }],
    });
  });

  it('is refused as a whole when one receiver would gain too much', () => {
    const gains = [
      { receiverUserId: 'you', boxes: [box(['a'], ['1'])] },
      { receiverUserId: 'her', boxes: [box(['a'], ['3'])] },
    ];
    const decision = give([], { gains });
    expect(decision.ok || decision.missing.map(({ receiverUserId }) => receiverUserId)).toEqual(['her']);
  });

  it('may not outlast the ceiling', () => {
    const ceiling = [box(['a'], '*', until(NOW + 10))];
    expect(give([box(['a'], ['1'], until(NOW + 10))], { ceiling }).ok).toBe(true);
    expect(give([box(['a'], ['1'])], { ceiling })).toMatchObject({ code: 'outlasts_ceiling' });
    expect(give([box(['a'], ['1'], { from: NOW + 20, until: null })], { ceiling })).toMatchObject({
      code: 'outlasts_ceiling',
    });
    expect(give([box(['b'], ['1'])], { ceiling })).toMatchObject({ code: 'grantor_lacks_right' });
  });

  it('does not ask the past', () => {
    const ceiling = [box(['a'], '*', { from: NOW - 5, until: null })];
    expect(give([box(['a'], ['1'])], { ceiling }).ok).toBe(true);
    expect(give([box(['c'], ['1'], until(NOW))], { ceiling }).ok).toBe(true);
  });

  it('is never to oneself, except for a chief, and gaining nothing is no giving', () => {
    const gains = [{ receiverUserId: 'me', boxes: [box(['a'], ['1'])] }];
    expect(give([], { gains })).toMatchObject({ code: 'self_assignment' });
    expect(give([], { gains, chief: true }).ok).toBe(true);
    expect(give([], { gains: [{ receiverUserId: 'me', boxes: [] }] }).ok).toBe(true);
  });

  it('counts only what the receiver does not hold yet', () => {
    expect(gainOf([box(['a'], ['1'])], [box(['a'], ['1', '2'])])).toEqual([box(['a'], ['2'])]);
    expect(gainOf([box(['a'], '*')], [box(['a'], ['1', '2'])])).toEqual([]);
  });
});

describe('the ceiling', () => {
  const foreign = account('theirs', 'them', {
    subscription: [everything('plain', 'theirs')],
    chains: [
      [link('m', 'them', 'us', [box(['a', 'admin', 'b'], '*', ALWAYS, 'theirs')], { validity: until(NOW + 50) })],
    ],
  });
  const state = (rights: string[], customerAccount = 'own') =>
    snapshot(
      [assign('1', entitlement('plain', customerAccount, { rights, contracts: ['1'] }))],
      [account('own', 'us'), foreign],
    );

  it('of an administrator is what he holds himself', () => {
    expect(ceilingOf(state(['a']), { chief: false })).toEqual([box(['a'], ['1'])]);
  });

  it('of a chief is every limit of the organization', () => {
    const ceiling = ceilingOf(state(['a']), { chief: true });
    expect(covers(ceiling, box('*', '*'))).toBe(true);
    expect(covers(ceiling, box(['b'], '*', { from: NOW, until: NOW + 50 }, 'theirs'))).toBe(true);
    expect(covers(ceiling, box(['b'], '*', { from: NOW, until: null }, 'theirs'))).toBe(false);
    expect(covers(ceiling, box(['c'], '*', { from: NOW, until: NOW + 1 }, 'theirs'))).toBe(false);
  });

  it('is raised by a mandate for holders of the right that gives mandates, and only for them', () => {
    const asked = box(['b'], ['3'], { from: NOW, until: NOW + 50 }, 'theirs');
    expect(covers(ceilingOf(state(['a']), { chief: false }), asked)).toBe(false);
    expect(covers(ceilingOf(state(['admin']), { chief: false }), asked)).toBe(true);
    expect(covers(ceilingOf(state(['admin'], 'theirs'), { chief: false }), asked)).toBe(true);
    expect(covers(ceilingOf(state(['admin']), { chief: false }), box(['b'], ['3']))).toBe(false);
  });

  it('is raised no longer than the right is held', () => {
    const ending = snapshot(
      [assign('1', entitlement('plain', 'own', { rights: ['admin'], contracts: ['1'] }), { validity: until(NOW + 5) })],
      [account('own', 'us'), foreign],
    );
    const ceiling = ceilingOf(ending, { chief: false });
    expect(covers(ceiling, box(['b'], '*', { from: NOW, until: NOW + 5 }, 'theirs'))).toBe(true);
    expect(covers(ceiling, box(['b'], '*', { from: NOW, until: NOW + 6 }, 'theirs'))).toBe(false);
  });

  it('is empty for a deactivated user, who still would hold again what he was given', () => {
    const base = state(['a']);
    const gone = { ...base, user: { ...base.user, active: false } };
    expect(ceilingOf(gone, { chief: true })).toEqual([]);
    expect(ceilingOf(gone, { chief: false })).toEqual([]);
    expect(heldOrHeldAgain(gone)).toEqual([box(['a'], ['1'])]);
  });
});

describe('taking away', () => {
  const take = (boxes: Box[], policy: 'allowed' | 'deactivate_only' = 'allowed') =>
    mayTakeAway({ ceiling: [box(['a'], '*')], losses: [{ receiverUserId: 'you', boxes }], policy: () => policy });

  it('needs a ceiling over what has effect', () => {
    expect(take([box(['a'], ['1'])])).toEqual({ ok: true });
    expect(take([box(['a', 'b'], ['1'])])).toEqual({
      ok: false,
      code: 'grantor_lacks_right',
      missing: [{ receiverUserId: 'you', boxes: [box(['b'], ['1'])] }],
    });
  });

  it('is off under deactivate_only, except for what has no effect', () => {
    expect(take([box(['a'], ['1'])], 'deactivate_only')).toMatchObject({ code: 'revocation_off' });
    expect(take([], 'deactivate_only')).toEqual({ ok: true });
  });
});

describe('touching another person', () => {
  const touch = (act: Touching['act'], actor: Partial<Touching['actor']>, target: Partial<Touching['target']>) => {
    const decision = mayTouch(
      {
        act,
        actor: { rank: 'users', ceiling: [box(['a'], '*')], administrationRights: [], ...actor },
        target: { rank: 'none', holds: [], administrationRights: [], ...target },
      },
      'you',
    );
    return decision.ok ? 'ok' : decision.code;
  };

  it('needs rank', () => {
    const table = RANKS.map((actor) =>
      RANKS.slice(0, 4)
        .map((target) => (outranks(actor, target) ? 'y' : 'n'))
        .join(''),
    );
    expect(table).toEqual(['nnnn', 'ynnn', 'yyyn', 'yyyy', 'yyyy']);
    expect(touch('edit', { rank: 'users' }, { rank: 'users' })).toBe('rank_too_low');
  });

  it('on credentials needs a ceiling over all that he holds', () => {
    expect(touch('set_temporary_password', {}, { holds: [box(['a'], ['1'])] })).toBe('ok');
    expect(touch('set_temporary_password', {}, { holds: [box(['b'], ['1'])] })).toBe('target_holds_more');
    expect(touch('reactivate', {}, { holds: [box(['b'], ['1'])] })).toBe('target_holds_more');
    expect(touch('change_email', { rank: 'operator', ceiling: [] }, { holds: [box(['b'], ['1'])] })).toBe('ok');
  });

  it('by a link to his own address, or deactivating him, needs rank only', () => {
    expect(touch('send_link', {}, { holds: [box(['b'], ['1'])] })).toBe('ok');
    expect(touch('deactivate', {}, { holds: [box(['b'], ['1'])] })).toBe('ok');
  });

  it('on credentials needs his administration rights too', () => {
    const target = { administrationRights: ['manage_account_settings@own', 'recover_password'] };
    expect(touch('copy_link', {}, target)).toBe('target_holds_more');
    expect(touch('copy_link', { administrationRights: ['manage_account_settings@own'] }, target)).toBe('ok');
    expect(touch('copy_link', { rank: 'chief' }, target)).toBe('ok');
  });
});

describe('the last chief', () => {
  const chief = (userId: string, more: { active?: boolean; until?: number | null } = {}) => ({
    userId,
    active: true,
    until: null,
    ...more,
  });

  it('cannot be lost by a person', () => {
    expect(mayLoseChief([chief('a')], 'a', NOW)).toMatchObject({ code: 'last_chief' });
    expect(mayLoseChief([chief('a'), chief('b', { active: false })], 'a', NOW)).toMatchObject({ code: 'last_chief' });
    expect(mayLoseChief([chief('a'), chief('b', { until: NOW })], 'a', NOW)).toMatchObject({ code: 'last_chief' });
  });

  it('is not the last while another is active, nor when he is no active chief himself', () => {
    expect(mayLoseChief([chief('a'), chief('b')], 'a', NOW)).toEqual({ ok: true });
    expect(mayLoseChief([chief('a', { active: false })], 'a', NOW)).toEqual({ ok: true });
    expect(mayLoseChief([chief('a')], 'x', NOW)).toEqual({ ok: true });
  });
});
