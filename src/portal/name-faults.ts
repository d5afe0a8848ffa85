// A name that a group or a role cannot have, said at its field.
import { HubError } from '../errors.ts';
import { refusalOf, type Fault } from '../web/refusal.ts';

export const nameFaults = (error: unknown, area: 'groups' | 'roles'): { faults: readonly Fault[]; status: number } =>
  error instanceof HubError && (error.code === 'invalid_input' || error.code === 'uniqueness')
    ? { faults: [{ key: `${area}:fault.${error.code}`, field: 'name' }], status: 422 }
    : refusalOf(error);
