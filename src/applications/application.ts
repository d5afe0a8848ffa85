// The shape of one e-application in the catalogue. Data only: the catalogue is read by catalogue.ts,
// the rules that these fields switch on are applied in ../entitlements.

/** One list of an application's catalogue. The first three hold fixed values, the last two a customer account's resources. */
export const FIXED_DIMENSIONS = ['rights', 'products', 'borderels'] as const;
export const RESOURCE_DIMENSIONS = ['contracts', 'billing_addresses'] as const;
export const DIMENSIONS = [...FIXED_DIMENSIONS, ...RESOURCE_DIMENSIONS] as const;
export type FixedDimension = (typeof FIXED_DIMENSIONS)[number];
export type ResourceDimension = (typeof RESOURCE_DIMENSIONS)[number];
export type Dimension = (typeof DIMENSIONS)[number];

export const LANGUAGES = ['nl', 'fr', 'de', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Labels = Readonly<Record<Language, string>>;

/** X mandatory, O optional, NA not applicable and ND not allowed (both refused, with different sentences). */
export const MATRIX_CELLS = ['X', 'O', 'NA', 'ND'] as const;
export type MatrixCell = (typeof MATRIX_CELLS)[number];

/** An attribute or feature that the operator sets for an organization. */
export const ORGANIZATION_ATTRIBUTES = ['conventional_router', 'etoe_partner'] as const;
export type OrganizationAttribute = (typeof ORGANIZATION_ATTRIBUTES)[number];

export type CatalogueValue = {
  readonly key: string;
  readonly label: Labels;
  /** What holding the value means, for the screen. */
  readonly means?: Labels;
  /** No longer given, and drops out of what was given. */
  readonly retired?: boolean;
  /** Reserved for later: shown, never given. */
  readonly placeholder?: boolean;
  /** Only for organizations that have each of these attributes. */
  readonly requires?: readonly OrganizationAttribute[];
};

export type Profile = {
  readonly key: string;
  readonly label: Labels;
  /** dimension -> value -> cell; complete for every dimension it names. */
  readonly cells: Readonly<Partial<Record<FixedDimension, Readonly<Record<string, MatrixCell>>>>>;
};

/** One side of a pair that nobody should hold together. */
export type ConflictSide = {
  readonly application: string;
  readonly dimension: FixedDimension;
  readonly value: string;
};

/** Held together by one user on one customer account: refused when it is given, or only reported. */
export type ConflictingPair = {
  readonly a: ConflictSide;
  readonly b: ConflictSide;
  readonly mode: 'report' | 'refuse';
  readonly labels?: Labels;
};

export type Application = {
  readonly key: string;
  /** Names that other systems use for it; no other application has one of them as code or key. */
  readonly codes: readonly string[];
  readonly label: Labels;
  /** What one does with it, in one sentence. */
  readonly description?: Labels;
  /** Place among the tiles, lowest first; applications without one come last, by key. */
  readonly position?: number;
  /** In the order of the screen. */
  readonly dimensions: readonly Dimension[];
  /** Least number of values an entitlement needs per dimension. */
  readonly minimum: Readonly<Partial<Record<Dimension, number>>>;
  /** What choosing in a list means, to stand above the list. */
  readonly hints?: Readonly<Partial<Record<Dimension, Labels>>>;
  readonly rights: readonly CatalogueValue[];
  readonly products: readonly CatalogueValue[];
  readonly borderels: readonly CatalogueValue[];
  /** Only a contract marked as master can be chosen. */
  readonly onlyMasterContracts: boolean;
  readonly profiles: readonly Profile[];
  /** Profile keys; the first that stands on a contract counts where two meet. */
  readonly profilePrecedence: readonly string[];
  /** The right whose holders may give and pass on mandates. */
  readonly givesMandates?: string;
  /** Its tokens also carry the flat `entitlements` array of right names. */
  readonly flatRights: boolean;
  /** Who is let in: only those who hold something, or everyone who can sign in. */
  readonly admit: 'holders' | 'everyone';
  /** Separation of duties; absent: none. */
  readonly conflicts?: readonly ConflictingPair[];
};

export type Catalogue = ReadonlyMap<string, Application>;
