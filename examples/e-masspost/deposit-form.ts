// What a new deposit looks like when it arrives, from the form and from the API. Whether it is allowed is not asked here.
import { z } from 'zod';

const value = z.string().trim().min(1).max(64);

/** Names as they stand in the form and in JSON; a form's number is text. */
export const DepositForm = z
  .object({
    customer_account: value,
    product: value,
    billing_address: value,
    items: z.coerce.number().int().min(1).max(10_000_000),
    reference: z.string().trim().max(100).default(''),
  })
  .transform((form) => ({
    customerAccount: form.customer_account,
    product: form.product,
    billingAddress: form.billing_address,
    items: form.items,
    reference: form.reference,
  }));

/** Names of the fields that are wrong. */
export const wrongFields = (error: z.ZodError): string[] => [
  ...new Set(error.issues.map(({ path }) => String(path[0] ?? ''))),
];
