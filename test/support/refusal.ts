// What an action that must be refused was refused with.
import { HubError } from '../../src/errors.ts';
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

/** The same of the domain. */
export async function refusalOf(action: () => Promise<unknown>): Promise<HubError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error('The action was not refused.');
}
