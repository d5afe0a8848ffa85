// The administration rights as ticks of a form: which there are, which are on, which cannot be switched and why.
import type { RightChoice, WantedRight } from '../../entitlements/change-administration-rights.ts';
import type { Fault } from '../../web/refusal.ts';

/** The name of the tick: the right, and for the two of a customer account its id. */
const tickOf = ({ name, account }: RightChoice): string => (account === null ? name : `${name}@${account.id}`);

type Tick = RightChoice & { readonly tick: string; readonly on: boolean; readonly locked: boolean };

/** `ticked`: the ticks of a form that comes back; undefined: as it stands. What is locked stays as it stands. */
export const ticksOf = (choices: readonly RightChoice[], ticked?: ReadonlySet<string>): Tick[] =>
  choices.map((choice) => {
    const tick = tickOf(choice);
    const locked = choice.code !== null || (choice.held && !choice.own);
    return { ...choice, tick, locked, on: locked || ticked === undefined ? choice.held : ticked.has(tick) };
  });

/** The reason of a tick that is refused; the general sentence about rank speaks of a person, this one of a right. */
export const rightFaults = (faults: readonly Fault[]): Fault[] =>
  faults.map((fault) => (fault.key === 'reasons:rank_too_low' ? { key: 'users:administration.rank_too_low' } : fault));

/** The rights that the form switches. Locked ticks are asked for as well, and then refused with the reason that they show. */
export const wantedRights = (choices: readonly RightChoice[], ticked: ReadonlySet<string>): WantedRight[] =>
  choices.flatMap((choice): WantedRight[] => {
    const on = ticked.has(tickOf(choice));
    // What a group carries is not the person's own to lose.
    if (on === choice.held || (!on && !choice.own)) return [];
    return [{ name: choice.name, on, ...(choice.account && { customerAccountId: choice.account.id }) }];
  });
