// The portal's name for what all pages share.
export { formFields, formValues, refusalOf, type Fault, type Refusal } from '../web/refusal.ts';
