// Parts that the chief administrators of an organization and the operator's own people have in common.
import { z } from 'zod';
import { LANGUAGES } from '../../applications/application.ts';
import { instant, text } from '../shapes.ts';

export const newPerson = z.strictObject({
  userName: text(128).optional().meta({ description: 'Absent: the e-mail address.' }),
  givenName: text(64),
  familyName: text(64),
  email: text(254),
  language: z.enum(LANGUAGES),
});

export const appointed = z.object({
  id: z.string(),
  userName: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  active: z.boolean(),
  lastSignInAt: instant.nullable(),
});
