// One application file: from parsed YAML to an Application, or every fault in it. The shape is
// application-shape.ts, profiles and matrix are matrix-rules.ts; here is what the other parts say about each other.
// Reads no file and knows no lines.
import { DIMENSIONS, FIXED_DIMENSIONS } from './application.ts';
import type { Application, CatalogueValue, Dimension, MatrixCell, Profile } from './application.ts';
import { conflictFaults } from './conflict-rules.ts';
import { readShape } from './application-shape.ts';
import type { ApplicationFile, PlacedFault } from './application-shape.ts';
import { matrixFaults } from './matrix-rules.ts';
import { duplicates, isMap, keyed, list, numberAt, texts } from './read-raw.ts';
import type { RawMap } from './read-raw.ts';

/**
 * Checks the parsed YAML of one application file. Never throws.
 * @returns the application where there is no fault, else all faults, each with its place in the file
 */
export function validateApplication(raw: unknown): { application?: Application; faults: PlacedFault[] } {
  const shape = readShape(raw);
  const faults = [...shape.faults];
  if (isMap(raw))
    faults.push(...dimensionFaults(raw), ...switchFaults(raw), ...matrixFaults(raw), ...conflictFaults(raw));
  return shape.data === undefined || faults.length > 0 ? { faults } : { application: build(shape.data), faults };
}

function dimensionFaults(raw: RawMap): PlacedFault[] {
  const listed = texts(raw['dimensions']);
  const faults = [
    ...duplicates(listed, 'dimensions', ['dimensions']),
    ...duplicates(texts(raw['codes']), 'codes', ['codes']),
  ];
  const notListed = (path: string[], place: string, dimension: Dimension): void => {
    const message = `${place} names the dimension "${dimension}", which dimensions does not list`;
    faults.push({ path, rule: 'dimension_not_listed', message });
  };
  for (const dimension of DIMENSIONS) {
    if (listed.includes(dimension)) continue;
    for (const part of ['minimum', 'hints']) {
      const named = raw[part];
      if (isMap(named) && Object.hasOwn(named, dimension)) notListed([part, dimension], part, dimension);
    }
  }
  for (const dimension of FIXED_DIMENSIONS) {
    const values = keyed(raw[dimension]);
    faults.push(
      ...duplicates(
        values.map((value) => value.key),
        dimension,
        [dimension],
      ),
    );
    if (!listed.includes(dimension)) {
      if (raw[dimension] !== undefined) {
        const message = `${dimension} has values, but dimensions does not list it`;
        faults.push({ path: [dimension], rule: 'dimension_not_listed', message });
      }
      continue;
    }
    const minimum = numberAt(raw['minimum'], dimension);
    const given = values.filter((value) => value.given).length;
    if (values.length === 0) {
      const path = raw[dimension] === undefined ? ['dimensions', listed.indexOf(dimension)] : [dimension];
      faults.push({ path, rule: 'values_missing', message: `dimensions lists ${dimension}, but it has no values` });
    } else if (given < minimum) {
      const message = `minimum.${dimension} is ${minimum}, but only ${given} of its values can be given`;
      faults.push({ path: ['minimum', dimension], rule: 'minimum_unreachable', message });
    }
  }
  return faults;
}

function switchFaults(raw: RawMap): PlacedFault[] {
  const faults: PlacedFault[] = [];
  const listed = texts(raw['dimensions']);
  if (raw['only_master_contracts'] === true && !listed.includes('contracts')) {
    const message = 'only_master_contracts is true, but dimensions does not list contracts';
    faults.push({ path: ['only_master_contracts'], rule: 'dimension_not_listed', message });
  }
  if (raw['flat_rights'] === true && (listed.length !== 1 || listed[0] !== 'rights')) {
    const message =
      'flat_rights is true, but dimensions is not exactly [rights]: flat rights would give combinations nobody gave';
    faults.push({ path: ['flat_rights'], rule: 'flat_rights_scoped', message });
  }
  const mandating = raw['gives_mandates'];
  if (typeof mandating === 'string' && !keyed(raw['rights']).some((right) => right.key === mandating && right.given)) {
    const message = `gives_mandates names "${mandating}", which is no right that can be given`;
    faults.push({ path: ['gives_mandates'], rule: 'unknown_right', message });
  }
  for (const dimension of FIXED_DIMENSIONS) {
    for (const [index, value] of list(raw[dimension]).entries()) {
      const requires = isMap(value) ? texts(value['requires']) : [];
      faults.push(...duplicates(requires, `${dimension}[${index + 1}].requires`, [dimension]));
    }
  }
  return faults;
}

function build(file: ApplicationFile): Application {
  const { matrix } = file;
  const profiles = file.profiles.map((profile): Profile => {
    const column = matrix?.columns.indexOf(profile.key) ?? -1;
    const cells: Partial<Record<(typeof FIXED_DIMENSIONS)[number], Record<string, MatrixCell>>> = {};
    for (const dimension of FIXED_DIMENSIONS) {
      const rows = matrix?.[dimension];
      if (rows !== undefined) cells[dimension] = cellsOfColumn(rows, column);
    }
    return { ...profile, cells };
  });
  return {
    key: file.key,
    codes: file.codes,
    label: file.label,
    ...(file.description && { description: file.description }),
    ...(file.position !== undefined && { position: file.position }),
    dimensions: file.dimensions,
    minimum: withoutUndefined(file.minimum),
    ...(file.hints && { hints: withoutUndefined(file.hints) }),
    rights: (file.rights ?? []).map(toValue),
    products: (file.products ?? []).map(toValue),
    borderels: (file.borderels ?? []).map(toValue),
    onlyMasterContracts: file.only_master_contracts,
    profiles,
    profilePrecedence: file.profile_precedence,
    ...(file.gives_mandates !== undefined && { givesMandates: file.gives_mandates }),
    flatRights: file.flat_rights,
    admit: file.admit,
    ...(file.conflicts.length > 0 && {
      conflicts: file.conflicts.map(({ a, b, mode, labels }) => ({
        a: { ...a, application: a.application ?? file.key },
        b: { ...b, application: b.application ?? file.key },
        mode,
        ...(labels && { labels }),
      })),
    }),
  };
}

// Without a prototype: a value named "constructor" finds its own cell or none.
function cellsOfColumn(rows: Record<string, MatrixCell[]>, column: number): Record<string, MatrixCell> {
  const cells = Object.create(null) as Record<string, MatrixCell>;
  for (const [value, row] of Object.entries(rows)) {
    const cell = row[column];
    if (cell !== undefined) cells[value] = cell;
  }
  return cells;
}

function toValue(value: NonNullable<ApplicationFile['rights']>[number]): CatalogueValue {
  const { key, label, means, retired, placeholder, requires } = value;
  return {
    key,
    label,
    ...(means && { means }),
    ...(retired && { retired }),
    ...(placeholder && { placeholder }),
    ...(requires && { requires }),
  };
}

function withoutUndefined<T>(record: Partial<Record<Dimension, T | undefined>>): Partial<Record<Dimension, T>> {
  const kept: Partial<Record<Dimension, T>> = {};
  for (const dimension of DIMENSIONS) {
    const part = record[dimension];
    if (part !== undefined) kept[dimension] = part;
  }
  return kept;
}
