// A new person as an operation's body has him, as the domain wants him.
import type { PersonDetails } from '../users/person-details.ts';

export const detailsOf = (
  body: Omit<PersonDetails, 'userName' | 'salutation'> & { userName?: string | undefined },
): PersonDetails => ({
  userName: body.userName ?? body.email,
  salutation: '',
  givenName: body.givenName,
  familyName: body.familyName,
  email: body.email,
  language: body.language,
});
