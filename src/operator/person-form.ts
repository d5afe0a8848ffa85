// The fields of a person as the operator's forms have them: of a chief administrator, or of a member of staff.
import { LANGUAGES } from '../applications/application.ts';
import type { PersonDetails } from '../users/person-details.ts';

export type PersonForm = PersonDetails;

/** Without a username the e-mail address is it. */
export function personIn(fields: Readonly<Record<string, string>>): PersonForm {
  const { userName = '', givenName = '', familyName = '', email = '' } = fields;
  return {
    userName: userName.trim() === '' ? email : userName,
    salutation: '',
    givenName,
    familyName,
    email,
    language: LANGUAGES.find((one) => one === fields['language']) ?? 'nl',
  };
}
