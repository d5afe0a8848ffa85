// One line of the list of users, as screens and exports show it: who he is, where he comes from, how far he has got.
import { invitationOf, type Invitation, type InvitationFacts } from '../credentials/invitation-state.ts';
import type { AdministrationRight } from '../entitlements/administration-rights-of.ts';
import { rankOf } from '../entitlements/administration-rights-of.ts';
import type { Rank } from '../entitlements/touching.ts';
import type { Document } from '../provisioning/attribute.ts';
import { emailOf, nameOf } from './user-row.ts';

/** `invited`: made here and never signed in. `provisioned`: made by a directory and never signed in. */
export const USER_STATES = ['active', 'invited', 'provisioned', 'deactivated'] as const;
export type UserState = (typeof USER_STATES)[number];

/** SQL: the state of users `u` in organization $1. */
export const USER_STATE = `case when not u.active then 'deactivated'
  when u.last_sign_in_at is not null or exists (select 1 from passwords p where p.organization_id = $1 and p.user_id = u.id) then 'active'
  when u.connection_id is not null then 'provisioned' else 'invited' end`;

export type Creator = {
  readonly kind: string;
  readonly id: string;
  readonly label: string;
  /** The operator's support in his place. */
  readonly actedBy?: { readonly label: string };
};

export type ListedUser = {
  readonly id: string;
  readonly userName: string;
  readonly name: string;
  readonly email: string | null;
  readonly state: UserState;
  readonly invitation: Invitation;
  readonly createdBy: Creator;
  /** The directory that owns the record. */
  readonly directory: { readonly id: string; readonly name: string } | null;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
  readonly deactivatedAt: Date | null;
  /** What he is among the administrators. */
  readonly rank: Rank;
};

/** Columns of users `u` that make a ListedUser, besides INVITATION_COLUMNS, `state`, `directoryName` and `rights`. */
export const LISTED_COLUMNS = `u.id, u.document, u.created_by as "createdBy", u.connection_id as "directoryId", u.created_at as "createdAt",
  u.last_sign_in_at as "lastSignInAt", u.deactivated_at as "deactivatedAt"`;

export type ListedRow = InvitationFacts & {
  id: string;
  document: Document;
  createdBy: Creator;
  directoryId: string | null;
  directoryName: string | null;
  createdAt: Date;
  lastSignInAt: Date | null;
  deactivatedAt: Date | null;
  state: UserState;
  rights: AdministrationRight[] | null;
};

export function listedUser(row: ListedRow, now: Date): ListedUser {
  const { id, document, state, createdBy, createdAt, lastSignInAt, deactivatedAt, directoryId } = row;
  return {
    id,
    userName: String(document['userName']),
    name: nameOf(document),
    email: emailOf(document),
    state,
    invitation: invitationOf(row, now),
    createdBy,
    directory: directoryId === null ? null : { id: directoryId, name: row.directoryName ?? '' },
    createdAt,
    lastSignInAt,
    deactivatedAt,
    rank: rankOf(
      (row.rights ?? []).map((name) => ({ id: '', name, customerAccountId: null, validUntil: null, groupId: null })),
    ),
  };
}
