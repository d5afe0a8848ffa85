// zod says `undefined` where something is absent; the domain's inputs (exactOptionalPropertyTypes) say absent.

type Compact<T> = T extends Date
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Compact<Item>[]
    : T extends object
      ? { [Key in keyof T as undefined extends T[Key] ? never : Key]: Compact<T[Key]> } & {
          [Key in keyof T as undefined extends T[Key] ? Key : never]?: Compact<Exclude<T[Key], undefined>>;
        }
      : T;

/** The same value without the properties that are undefined, at every depth. */
export function compact<T>(value: T): Compact<T> {
  return strip(value) as Compact<T>;
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => (part === undefined ? [] : [[key, strip(part)]])),
  );
}
