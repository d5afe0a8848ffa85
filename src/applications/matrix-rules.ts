// What the profiles of one application file must be: a whole matrix in which each profile can really be given.
// Works on the raw file, so that a fault elsewhere in it hides none here.
import { FIXED_DIMENSIONS } from './application.ts';
import type { PlacedFault } from './application-shape.ts';
import { duplicates, isMap, keyed, list, numberAt, texts } from './read-raw.ts';
import type { RawMap, RawValue } from './read-raw.ts';

/** Every fault in `profiles`, `profile_precedence` and `matrix`. */
export function matrixFaults(raw: RawMap): PlacedFault[] {
  const profiles = keyed(raw['profiles']).map((profile) => profile.key);
  const { matrix } = raw;
  if (profiles.length === 0 && matrix === undefined && raw['profile_precedence'] === undefined) return [];
  if (profiles.length === 0) {
    const path = [matrix === undefined ? 'profile_precedence' : 'matrix'];
    return [{ path, rule: 'profiles_missing', message: `${path[0]} is given, but the application has no profiles` }];
  }
  const faults = [
    ...duplicates(profiles, 'profiles', ['profiles']),
    ...permutation(profiles, raw['profile_precedence'], ['profile_precedence']),
  ];
  if (matrix === undefined) {
    faults.push({ path: ['profiles'], rule: 'matrix_missing', message: 'profiles are given, but matrix is missing' });
  } else if (isMap(matrix)) {
    faults.push(
      ...permutation(profiles, matrix['columns'], ['matrix', 'columns']),
      ...rowFaults(raw, matrix, profiles),
    );
  }
  return faults;
}

function permutation(profiles: readonly string[], given: unknown, path: string[]): PlacedFault[] {
  const place = path.join('.');
  const names = texts(given);
  const faults = duplicates(names, place, path);
  for (const [index, name] of names.entries()) {
    if (name === '' || profiles.includes(name)) continue;
    faults.push({
      path: [...path, index],
      rule: 'unknown_profile',
      message: `${place} names the unknown profile "${name}"`,
    });
  }
  for (const profile of new Set(profiles)) {
    if (profile === '' || names.includes(profile)) continue;
    faults.push({ path, rule: 'profile_not_named', message: `${place} does not name the profile "${profile}"` });
  }
  return faults;
}

function rowFaults(raw: RawMap, matrix: RawMap, profiles: readonly string[]): PlacedFault[] {
  const faults: PlacedFault[] = [];
  const columns = texts(matrix['columns']);
  let lists = 0;
  for (const dimension of FIXED_DIMENSIONS) {
    const rows = matrix[dimension];
    if (rows === undefined) continue;
    lists += 1;
    if (!texts(raw['dimensions']).includes(dimension)) {
      const message = `matrix names the dimension "${dimension}", which dimensions does not list`;
      faults.push({ path: ['matrix', dimension], rule: 'dimension_not_listed', message });
    }
    if (!isMap(rows)) continue;
    const values = keyed(raw[dimension]);
    faults.push(...oneDimension(dimension, rows, values, profiles.length));
    faults.push(...unreachable(dimension, rows, values, columns, numberAt(raw['minimum'], dimension)));
  }
  if (lists === 0) faults.push({ path: ['matrix'], rule: 'matrix_incomplete', message: 'matrix has no rows' });
  return faults;
}

function oneDimension(dimension: string, rows: RawMap, values: readonly RawValue[], width: number): PlacedFault[] {
  const faults: PlacedFault[] = [];
  for (const [name, cells] of Object.entries(rows)) {
    const path = ['matrix', dimension, name];
    const value = values.find((one) => one.key === name);
    if (value === undefined) {
      const message = `matrix row "${name}" is no value of ${dimension}`;
      faults.push({ path, rule: 'unknown_value', message });
    } else if ((value.retired || value.placeholder) && list(cells).includes('X')) {
      const state = value.retired ? 'retired' : 'a placeholder';
      const message = `matrix row "${name}" is mandatory for a profile, but the value is ${state} and is never given`;
      faults.push({ path, rule: 'mandatory_never_given', message });
    }
    if (Array.isArray(cells) && cells.length !== width) {
      const message = `matrix row "${name}" has ${count(cells.length, 'cell')}, ${count(width, 'profile')} expected`;
      faults.push({ path, rule: 'matrix_row_length', message });
    }
  }
  for (const { key } of values) {
    if (key === '' || Object.hasOwn(rows, key)) continue;
    const message = `matrix has no row for "${key}" of ${dimension}`;
    faults.push({ path: ['matrix', dimension], rule: 'matrix_incomplete', message });
  }
  return faults;
}

/** A profile that allows fewer values than the minimum could never be given to anybody. */
function unreachable(
  dimension: string,
  rows: RawMap,
  values: readonly RawValue[],
  columns: readonly string[],
  minimum: number,
): PlacedFault[] {
  return columns.flatMap((profile, column) => {
    const allowed = values.filter((value) => {
      const cell = Object.hasOwn(rows, value.key) ? list(rows[value.key])[column] : 'O';
      return value.given && cell !== 'NA' && cell !== 'ND';
    });
    if (allowed.length >= minimum) return [];
    const message = `profile "${profile}" allows ${count(allowed.length, 'value')} of ${dimension}, the minimum is ${minimum}`;
    return [{ path: ['matrix', dimension], rule: 'minimum_unreachable', message }];
  });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
