// The shapes of a SCIM filter (RFC 7644 section 3.4.2.2): as parsed, and as resolved against the
// attributes of a resource type. Types only.
import type { AttributeType } from './attribute.ts';

export type CompareOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/** As parsed. `at` is the position of the term in the text, counted from 1. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Filter[] }
  | { readonly kind: 'not'; readonly term: Filter }
  | { readonly kind: 'present'; readonly path: string; readonly at: number }
  | {
      readonly kind: 'compare';
      readonly path: string;
      readonly operator: CompareOperator;
      readonly value: string | number | boolean | null;
      /** The value as it was written, for attributes of type string. */
      readonly raw: string;
      readonly at: number;
    }
  /** `emails[...]`: one and the same element satisfies the whole inner filter. */
  | { readonly kind: 'element'; readonly path: string; readonly filter: Filter; readonly at: number };

/** One step from the enclosing scope (the document, or an element) towards the value. */
export type Step = { readonly name: string; readonly many: boolean };

export type Target = {
  /** Canonical SCIM notation from the root, whatever the scope: `emails.value`. */
  readonly key: string;
  readonly steps: readonly Step[];
  readonly type: AttributeType;
  readonly caseExact: boolean;
};

/**
 * As resolved: every attribute exists, every operator fits its type. Values of attributes that are not
 * caseExact are folded, those of type dateTime are in the form of `instant`. `ne` has become `not` of
 * `eq`, a comparison with null has become `present` or its negation.
 */
export type ResolvedFilter =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly ResolvedFilter[] }
  | { readonly kind: 'not'; readonly term: ResolvedFilter }
  | { readonly kind: 'present'; readonly target: Target }
  | {
      readonly kind: 'compare';
      readonly target: Target;
      readonly operator: Exclude<CompareOperator, 'ne'>;
      readonly value: string | number | boolean;
    }
  /** Some element of the target satisfies the inner filter, whose steps start at that element. */
  | { readonly kind: 'element'; readonly target: Target; readonly filter: ResolvedFilter };
