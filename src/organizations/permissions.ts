// Which role may do what, of the operator's staff and of his API tokens alike. The owner may do everything, the auditor read everything and write nothing.
// A write inside the operator's own organization is always the owner's: whoever controls its people controls the hub.
import type { ApiRole } from './api-token.ts';

const EVERYONE: readonly ApiRole[] = ['support', 'catalogue', 'security'];

/** Roles beside owner, and beside the auditor for what ends in `.read`. */
const ALLOWED = {
  'organizations.read': EVERYONE,
  'organizations.write': ['support'],
  'organizations.suspend': ['support', 'security'],
  'organizations.act': ['support'],
  'limits.read': EVERYONE,
  'limits.write': ['catalogue'],
  'users.read': EVERYONE,
  'users.write': ['support'],
  'users.deactivate': ['support', 'security'],
  'rights.read': EVERYONE,
  'rights.write': ['support'],
  'provisioning.read': EVERYONE,
  'provisioning.write': ['support'],
  'provisioning.end': ['support', 'security'],
  'clients.read': EVERYONE,
  'clients.write': ['catalogue'],
  'clients.end': ['catalogue', 'security'],
  'applications.read': EVERYONE,
  'applications.write': ['catalogue'],
  'overview.read': EVERYONE,
  'registrations.read': EVERYONE,
  'registrations.write': ['support'],
  'organizations.close': ['support'],
  'approvals.read': EVERYONE,
  'mails.read': ['support', 'security'],
  'mails.write': ['support'],
  'jobs.read': EVERYONE,
  'jobs.write': ['support', 'security'],
  'staff.read': ['security'],
  'staff.write': [],
  'news.read': EVERYONE,
  'news.write': ['catalogue'],
  'audit.read': ['support', 'security'],
  'keys.read': ['security'],
  'keys.write': ['security'],
  'api_tokens.read': ['security'],
  'api_tokens.write': [],
  'api_tokens.revoke': ['security'],
} as const satisfies Readonly<Record<string, readonly ApiRole[]>>;

export type Permission = keyof typeof ALLOWED;

/** The roles that hold a permission, for the documentation and the refusal. */
export const rolesWith = (permission: Permission): ApiRole[] => [
  'owner',
  ...ALLOWED[permission],
  ...(permission.endsWith('.read') ? (['auditor'] as const) : []),
];

export const mayDo = (roles: readonly ApiRole[], permission: Permission): boolean =>
  rolesWith(permission).some((role) => roles.includes(role));
