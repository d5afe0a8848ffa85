// How the identifiers of sessions, codes, tokens and grants stand in the database: never as they are. Whoever reads the
// table learns nothing that opens a door.
import { createHash } from 'node:crypto';

/** Key of a row in oidc_artefacts. Identifiers are 256 random bits, so an unsalted hash hides them. */
export const artefactHash = (id: string): Buffer => createHash('sha256').update(id).digest();

/** Short name of a grant: in the grant_id column, and in the access tokens that hang on it. Opens nothing. */
export const grantRef = (grantId: string): string => artefactHash(grantId).toString('hex').slice(0, 32);
