// Whether a registration can be read and answered at all. Who asks is the operator's to judge.
import { LANGUAGES } from '../applications/application.ts';
import { catalogue } from '../applications/current-catalogue.ts';
import { HubError } from '../errors.ts';
import { isMailable } from '../mail/address.ts';
import type { RegistrationDetails } from './registration.ts';

type RegistrationField = keyof RegistrationDetails;
type RegistrationFault = {
  readonly path: RegistrationField;
  readonly code: 'missing' | 'too_long' | 'too_short' | 'unprintable' | 'no_email' | 'no_number' | 'unknown';
};

const MOST = {
  company: 200,
  customerNumber: 64,
  proof: 2000,
  givenName: 64,
  familyName: 64,
  email: 254,
  phone: 40,
} as const;
const LEAST_PROOF = 10;
const CUSTOMER_NUMBER = /^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,63}$/u;

/** In the order of the form. */
export function registrationFaults(details: RegistrationDetails): RegistrationFault[] {
  const faults: RegistrationFault[] = [];
  for (const path of Object.keys(MOST) as (keyof typeof MOST)[]) {
    const value = details[path];
    const unprintable = path === 'proof' ? /[^\P{Cc}\n\r\t]/u : /\p{Cc}/u;
    if (value === '') {
      if (path !== 'phone') faults.push({ path, code: 'missing' });
    } else if (value.length > MOST[path]) faults.push({ path, code: 'too_long' });
    else if (unprintable.test(value)) faults.push({ path, code: 'unprintable' });
    else if (path === 'proof' && value.length < LEAST_PROOF) faults.push({ path, code: 'too_short' });
    else if (path === 'email' && !isMailable(value)) faults.push({ path, code: 'no_email' });
    else if (path === 'customerNumber' && !CUSTOMER_NUMBER.test(value)) faults.push({ path, code: 'no_number' });
  }
  if (!(LANGUAGES as readonly string[]).includes(details.language)) faults.push({ path: 'language', code: 'unknown' });
  if (details.applications.length === 0) faults.push({ path: 'applications', code: 'missing' });
  else if (details.applications.some((key) => !catalogue().has(key)))
    faults.push({ path: 'applications', code: 'unknown' });
  return faults;
}

/** Without spaces around and lines of Windows; each application once. */
export const cleanRegistration = (details: RegistrationDetails): RegistrationDetails => ({
  company: details.company.trim(),
  customerNumber: details.customerNumber.trim(),
  proof: details.proof.replaceAll('\r\n', '\n').trim(),
  givenName: details.givenName.trim(),
  familyName: details.familyName.trim(),
  email: details.email.trim(),
  phone: details.phone.trim(),
  language: details.language,
  applications: [...new Set(details.applications)],
});

/** Throws HubError `invalid_input`; details.issues has the path and code of each fault. */
export function checkRegistration(details: RegistrationDetails): void {
  const faults = registrationFaults(details);
  if (faults.length === 0) return;
  throw new HubError('invalid_input', 'Some of the details are missing or cannot be used.', {
    issues: faults.map((fault) => ({ ...fault, message: `${fault.path}: ${fault.code}` })),
  });
}
