// What an action that must be refused was refused with.
import { ScimError } from '../../src/scim/errors.ts';

export function refusal(action: () => unknown): ScimError {
  try {
    action();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error('The action was not refused.');
}
