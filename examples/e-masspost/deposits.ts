// The deposits, in the memory of this process, and what e-MassPost asks of the rights: who may create one, who may see it.
import { randomUUID } from 'node:crypto';
import { coveringElement, explainRefusal, type Act, type Element, type Refusal } from './enforce.ts';

export type NewDeposit = {
  readonly customerAccount: string;
  readonly product: string;
  readonly billingAddress: string;
  readonly items: number;
  readonly reference: string;
};
export type Deposit = NewDeposit & {
  readonly id: string;
  readonly createdBy: { readonly sub: string; readonly name: string };
  readonly createdAt: Date;
};
/** Who asks, with the elements of his token. */
export type Holder = { readonly sub: string; readonly name: string; readonly elements: readonly Element[] };

export type Deposits = {
  /** The deposit, or why it was refused. */
  readonly create: (holder: Holder, input: NewDeposit) => Deposit | Refusal;
  /** Newest first. */
  readonly visibleTo: (holder: Holder) => readonly Deposit[];
};

type Values = Pick<NewDeposit, 'customerAccount' | 'product' | 'billingAddress'>;

const act = (right: string, deposit: Values): Act => ({
  identifier: deposit.customerAccount,
  privileges: right,
  products: deposit.product,
  billing_addresses: deposit.billingAddress,
});

export const isRefusal = (answer: Deposit | Refusal): answer is Refusal => 'act' in answer;

const MOST_KEPT = 1000;

export function createDeposits(): Deposits {
  const deposits: Deposit[] = [];
  return {
    create({ sub, name, elements }, input) {
      const wanted = act('create_deposit', input);
      const now = Date.now();
      if (!coveringElement(elements, wanted, now)) return explainRefusal(elements, wanted, now);
      const deposit = { ...input, id: randomUUID(), createdBy: { sub, name }, createdAt: new Date(now) };
      deposits.unshift(deposit);
      deposits.length = Math.min(deposits.length, MOST_KEPT);
      return deposit;
    },
    visibleTo: (holder) => deposits.filter((deposit) => maySee(holder, deposit)),
  };
}

/** General follow-up: all deposits of its products and addresses. Deposit statement: of those, one's own. */
export function maySee({ sub, elements }: Holder, deposit: Deposit): boolean {
  const holds = (right: string) => coveringElement(elements, act(right, deposit), Date.now()) !== undefined;
  return holds('general_follow_up') || (deposit.createdBy.sub === sub && holds('deposit_statement'));
}
