// The one rule that an application must not get wrong: an act is allowed when ONE element of `authorization_details`
// (RFC 9396) covers all of it. Pure, without imports: copy this file into your own application.
//
// Why it matters: somebody with "letters for Sales" and "periodicals for Finance" holds two elements. Gathering all his
// products in one list and all his addresses in another would let him create letters for Finance, which nobody gave him.

/** The lists of an element. `privileges` are the rights; an application's elements have only the lists that it has. */
export const LISTS = ['privileges', 'products', 'borderels', 'contracts', 'billing_addresses'] as const;
export type ListName = (typeof LISTS)[number];

/** Lists whose `"*"` means all of the customer account, now and later. In the other lists every value is written out. */
const MAY_HOLD_ALL: readonly ListName[] = ['contracts', 'billing_addresses'];

/** One element of `authorization_details`. It allows every combination of its own values and no other. */
export type Element = {
  /** Number of the customer account. */
  readonly identifier: string;
  /** Set when the customer account belongs to another organization: which one, and by which mandates. */
  readonly for?: { readonly organization: string; readonly via: readonly string[] } | undefined;
  /** Seconds since 1970; from that moment the element allows nothing. */
  readonly not_after?: number | undefined;
} & { readonly [name in ListName]?: readonly string[] | undefined };

/** What somebody wants to do: a customer account, and exactly one value for each list that the application has. */
export type Act = { readonly identifier: string } & { readonly [name in ListName]?: string };

export type Part = 'identifier' | ListName;

/**
 * The element that covers the act, or undefined: then refuse it.
 *
 * Fails closed: an act that names no value of a list which the element has, or a value of a list which the element lacks, is not
 * covered; nor is `"*"` as a value. Where an element says `"*"`, whether the address or contract exists is yours to check.
 *
 * @param now milliseconds since 1970
 */
export function coveringElement<E extends Element>(elements: readonly E[], act: Act, now: number): E | undefined {
  return elements.find((element) => isLive(element, now) && lacking(element, act).length === 0);
}

/** The parts of the act that this element does not hold; empty when it covers the act. Says nothing about its end date. */
export function lacking(element: Element, act: Act): Part[] {
  const lists = LISTS.filter((name) => !holds(element, name, act[name]));
  return element.identifier === act.identifier ? lists : ['identifier', ...lists];
}

/** Whether the element still allows anything. @param now milliseconds since 1970 */
export function isLive(element: Element, now: number): boolean {
  return element.not_after === undefined || now < element.not_after * 1000;
}

/** Why an act was refused, for people. Decide with `coveringElement`, never with this. */
export type Refusal<E extends Element = Element> = {
  readonly act: Act;
  /** Parts that stand in no element at all. When empty, all of them are held, but never together. */
  readonly heldNowhere: readonly Part[];
  /** Each living element with what it lacks. */
  readonly elements: readonly { readonly element: E; readonly lacks: readonly Part[] }[];
};

/** @param now milliseconds since 1970 */
export function explainRefusal<E extends Element>(elements: readonly E[], act: Act, now: number): Refusal<E> {
  const living = elements.filter((element) => isLive(element, now));
  const judged = living.map((element) => ({ element, lacks: lacking(element, act) }));
  const asked: readonly Part[] = ['identifier', ...LISTS.filter((name) => act[name] !== undefined)];
  return {
    act,
    heldNowhere: asked.filter((part) => judged.every(({ lacks }) => lacks.includes(part))),
    elements: judged,
  };
}

function holds(element: Element, name: ListName, value: string | undefined): boolean {
  const list = element[name];
  if (list === undefined || value === undefined) return list === undefined && value === undefined;
  if (value === '*') return false;
  return list.includes(value) || (MAY_HOLD_ALL.includes(name) && list.includes('*'));
}
