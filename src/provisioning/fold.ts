// The one case folding of the hub. Strings of attributes that are not caseExact are compared folded,
// here and in the database (whose own lower() folds only ASCII under collation C), so both sides
// must come from these functions. RFC 7643 section 2.2 (caseExact), section 2.3.5 (dateTime).
import type { Attribute, AttributeIndex, Document, Json } from './attribute.ts';

/**
 * NFKC and full lower case, independent of language. Idempotent. Final sigma becomes sigma: lower case
 * depends on what follows there, and a part of a text must fold as it does inside the whole.
 */
export function fold(text: string): string {
  return lower(lower(text));
}

function lower(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,12})?)?(Z|[+-]\d\d:\d\d)?)?$/i;

/**
 * An xsd:dateTime as UTC with milliseconds, so that the order of the texts is the order of the instants;
 * undefined if it is none. Without a zone it is UTC, without a time midnight.
 */
export function instant(text: string): string | undefined {
  const parts = DATE_TIME.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = parts;
  const fraction = /\.\d+/.exec(text)?.[0].padEnd(4, '0').slice(0, 4) ?? '.000';
  // Date.parse lets 31 February roll over; the calendar day must come back as it was written.
  const midnight = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || midnight.getUTCDate() !== Number(day)) return undefined;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone.toUpperCase()}`);
  if (Number.isNaN(time)) return undefined;
  const utc = new Date(time).toISOString();
  return utc.length === 24 ? utc : undefined;
}

/**
 * The shadow that filters read: the same document with strings of attributes that are not caseExact
 * folded and dateTimes as `instant` gives them. Stored next to the document, in the same statement.
 */
export function foldDocument(document: Document, index: AttributeIndex): Document {
  return foldObject(document, index.attributes);
}

function foldObject(value: { readonly [name: string]: Json }, attributes: readonly Attribute[]): Document {
  const folded: Record<string, Json> = {};
  for (const attribute of attributes) {
    const own = Object.hasOwn(value, attribute.name) ? value[attribute.name] : undefined;
    if (own !== undefined) folded[attribute.name] = foldValue(own, attribute);
  }
  return folded;
}

function foldValue(value: Json, attribute: Attribute): Json {
  if (isArray(value)) return value.map((one) => foldValue(one, attribute));
  if (value !== null && typeof value === 'object') return foldObject(value, attribute.subAttributes);
  if (typeof value !== 'string') return value;
  if (attribute.type === 'dateTime') return instant(value) ?? value;
  return attribute.caseExact ? value : fold(value);
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
