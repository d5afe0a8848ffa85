// The rights of one user in one application at one instant, in the form that tokens carry them (design: what a token
// carries). A user who is deactivated, or whose organization is not active, has no answer at all. One statement each
// time; the computation is remembered by the facts it read, so a change shows in the next token of any process.
import { catalogue } from '../applications/current-catalogue.ts';
import type { Application, Catalogue } from '../applications/application.ts';
import { effectiveEntitlements } from './effective.ts';
import { loadFacts, type ReadSnapshot } from './load-snapshot.ts';
import { Memory } from './remembered.ts';
import { entitlementVersion, tokenClaims } from './token-claims.ts';
import { tokenIssuer } from './token-issuer.ts';

export type TokenRights = {
  /** Names of the organization's roles that give something here. */
  roles: string[];
  /** RFC 9396 section 9.1, one element per effective entitlement. */
  authorizationDetails: object[];
  /** Right names, only where nothing is lost by flattening. */
  flat?: string[];
  /** Equal exactly when the rights are. */
  entV: string;
  /** First end date of an entitlement in it, epoch milliseconds. */
  notAfter: number | null;
  holdsAny: boolean;
};

export type TokenRightsInput = { organizationId: string; userId: string; application: string; now: Date };

/** About 100 MB at most, keys and values together. */
const MAX_ENTRIES = 5000;
const MAX_CHARACTERS = 20_000_000;

const memory = new Memory<TokenRights | null>(MAX_ENTRIES, MAX_CHARACTERS);
/** What the remembered answers were computed under. */
let under: { catalogue: Catalogue; issuer: string } | undefined;

/**
 * Callers must not change the answer: others get the same object.
 * Undefined: the user or his organization is not active. An application that the catalogue does not hold gives nothing.
 */
export async function tokenRights(input: TokenRightsInput): Promise<TokenRights | undefined> {
  const facts = await loadFacts({ ...input, forToken: true });
  if (!facts) return undefined;
  const [applications, issuer] = [catalogue(), tokenIssuer()];
  if (under?.catalogue !== applications || under.issuer !== issuer) {
    memory.clear();
    under = { catalogue: applications, issuer };
  }
  // The organization is part of the key: the facts name accounts, not whose rights they are.
  const key = `${input.organizationId} ${input.application} ${facts.text}`;
  const remembered = memory.get(key, input.now.getTime());
  if (remembered !== undefined) return remembered ?? undefined;
  const read = facts.read();
  const value = compute(read, applications.get(input.application), issuer);
  memory.set(key, { value, until: read.changesAt });
  return value ?? undefined;
}

function compute(read: ReadSnapshot, application: Application | undefined, issuer: string): TokenRights | null {
  const { user } = read.snapshot;
  if (!read.found || !user.active || user.organization.state !== 'active') return null;
  if (application === undefined) {
    return { roles: [], authorizationDetails: [], entV: entitlementVersion([]), notAfter: null, holdsAny: false };
  }
  const { effective } = effectiveEntitlements(read.snapshot, { application: application.key });
  const claims = tokenClaims(effective, { issuer, application, accountNumber: (id) => read.numbers.get(id) ?? '' });
  return {
    roles: [...claims.roles],
    authorizationDetails: [...claims.authorization_details],
    ...(claims.entitlements === undefined ? {} : { flat: [...claims.entitlements] }),
    entV: claims.ent_v,
    notAfter: claims.notAfter === undefined ? null : claims.notAfter * 1000,
    holdsAny: effective.length > 0,
  };
}
