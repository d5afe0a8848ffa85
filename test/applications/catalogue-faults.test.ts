import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CatalogueError, findApplication, loadCatalogue } from '../../src/applications/catalogue.ts';
import { catalogueFolder, faultsOf, SHIPPED } from './catalogue-folder.ts';

const L = '{ nl: a, fr: b, de: c, en: d }';

// Line numbers in the tests below count from the first line of this text.
const VALID = `key: depot
codes: [dpt]
label: ${L}
dimensions: [rights, products, contracts]
minimum: { rights: 1, contracts: 1 }
hints:
  contracts: ${L}
gives_mandates: enter
rights:
  - key: enter
    label: ${L}
    requires: [etoe_partner]
  - key: old
    label: ${L}
    retired: true
products:
  - key: box
    label: ${L}
profile_precedence: [full, light]
profiles:
  - key: light
    label: ${L}
  - key: full
    label: ${L}
matrix:
  columns: [light, full]
  rights:
    enter: [O, X]
    old: [NA, NA]
`;

async function faultsAfter(from: string | RegExp, to: string): Promise<string[]> {
  const changed = VALID.replace(from, to);
  expect(changed).not.toBe(VALID);
  const faults = await faultsOf({ 'depot.yaml': changed });
  return faults.map(({ file, line, rule, message }) => `${file}:${line}: [${rule}] ${message}`);
}

describe('an operator adds an application without code', () => {
  it('by laying one more file beside the ten', async () => {
    const files: Record<string, string> = { 'depot.yaml': VALID };
    for (const name of await readdir(SHIPPED)) files[name] = await readFile(join(SHIPPED, name), 'utf8');
    const catalogue = await loadCatalogue(await catalogueFolder(files));
    expect(catalogue.size).toBe(11);
    expect([...catalogue.keys()].at(-1)).toBe('depot');
    expect(findApplication(catalogue, 'depot')).toMatchObject({
      codes: ['dpt'],
      givesMandates: 'enter',
      profilePrecedence: ['full', 'light'],
      profiles: [
        { key: 'light', cells: { rights: { enter: 'O', old: 'NA' } } },
        { key: 'full', cells: { rights: { enter: 'X', old: 'NA' } } },
      ],
      onlyMasterContracts: false,
      flatRights: false,
      admit: 'holders',
    });
  });

  it('with no more than a key, a label and its lists', async () => {
    const folder = await catalogueFolder({ 'tiny.yml': `key: tiny\nlabel: ${L}\ndimensions: []\n`, 'notes.txt': '??' });
    expect([...(await loadCatalogue(folder)).keys()]).toEqual(['tiny']);
  });
});

describe('a fault in an application file is named with its line and rule', () => {
  it.each<[string, string | RegExp, string, string[]]>([
    [
      'an unknown dimension',
      'products, contracts]',
      'products, contracts, depots]',
      [
        '4: [unknown_dimension] dimensions[4] is "depots", expected one of rights, products, borderels, contracts, billing_addresses',
      ],
    ],
    [
      'a dimension named twice',
      'products, contracts]',
      'products, contracts, rights]',
      ['4: [duplicate] dimensions has "rights" twice'],
    ],
    [
      'a minimum for a dimension not listed',
      '{ rights: 1, contracts: 1 }',
      '{ rights: 1, borderels: 1 }',
      ['5: [dimension_not_listed] minimum names the dimension "borderels", which dimensions does not list'],
    ],
    [
      'a minimum for no dimension at all',
      '{ rights: 1, contracts: 1 }',
      '{ right: 1 }',
      ['5: [unknown_dimension] minimum has the unknown dimension "right"'],
    ],
    [
      'a minimum that is no count',
      '{ rights: 1, contracts: 1 }',
      '{ contracts: one }',
      ['5: [type] minimum.contracts must be a number, not "one"'],
    ],
    ['a negative minimum', 'contracts: 1 }', 'contracts: -1 }', ['5: [value] minimum.contracts must be at least 0']],
    [
      'a minimum that no choice can reach',
      '{ rights: 1,',
      '{ rights: 2,',
      [
        '5: [minimum_unreachable] minimum.rights is 2, but only 1 of its values can be given',
        '27: [minimum_unreachable] profile "light" allows 1 value of rights, the minimum is 2',
        '27: [minimum_unreachable] profile "full" allows 1 value of rights, the minimum is 2',
      ],
    ],
    [
      'a hint for a dimension not listed',
      '  contracts: {',
      '  billing_addresses: {',
      ['7: [dimension_not_listed] hints names the dimension "billing_addresses", which dimensions does not list'],
    ],
    [
      'values of a dimension not listed',
      'rights, products, contracts]',
      'rights, contracts]',
      ['16: [dimension_not_listed] products has values, but dimensions does not list it'],
    ],
    [
      'a dimension without values',
      'rights, products, contracts]',
      'rights, products, borderels, contracts]',
      ['4: [values_missing] dimensions lists borderels, but it has no values'],
    ],
    [
      'an empty list of values',
      /products:\n.*\n.*\n/,
      'products: []\n',
      ['16: [values_missing] dimensions lists products, but it has no values'],
    ],
    [
      'a label that lacks a language',
      'hints:\n  contracts: { nl: a, fr: b, de: c, en: d }',
      'hints:\n  contracts: { nl: a, fr: b, en: d }',
      ['7: [label_missing] hints.contracts has no text in "de"'],
    ],
    [
      'a label in an unknown language',
      'label: { nl: a',
      'label: { es: z, nl: a',
      ['3: [unknown_key] label has the unknown key "es"'],
    ],
    ['an empty label', 'label: { nl: a', "label: { nl: ' '", ['3: [value] label.nl " " is an empty text']],
    [
      'a value without label',
      `  - key: box\n    label: ${L}`,
      '  - key: box',
      ['17: [missing] products[box].label is missing'],
    ],
    [
      'a value without key',
      `  - key: box\n    label: ${L}`,
      `  - label: ${L}`,
      ['17: [missing] products[1].key is missing'],
    ],
    [
      'a badly formed key',
      'key: box',
      'key: Big-Box',
      [
        '17: [key_format] products[Big-Box].key "Big-Box" must be small letters, digits and underscores, beginning with a letter, 63 at most',
      ],
    ],
    [
      'a value key that stands twice',
      '  - key: old',
      `  - key: enter\n    label: ${L}\n  - key: old`,
      ['13: [duplicate] rights has "enter" twice'],
    ],
    [
      'an unknown requirement',
      '[etoe_partner]',
      '[good_weather]',
      [
        '12: [unknown_attribute] rights[enter].requires[1] is "good_weather", expected one of conventional_router, etoe_partner',
      ],
    ],
    ['an unknown key', 'codes: [dpt]', 'colour: blue', ['2: [unknown_key] the file has the unknown key "colour"']],
    [
      'an unknown key of a value',
      'retired: true',
      'retried: true',
      ['15: [unknown_key] rights[old] has the unknown key "retried"'],
    ],
    [
      'a switch that is neither on nor off',
      'retired: true',
      'retired: maybe',
      ['15: [type] rights[old].retired must be true or false, not "maybe"'],
    ],
    [
      'a mandating right that does not exist',
      'gives_mandates: enter',
      'gives_mandates: leave',
      ['8: [unknown_right] gives_mandates names "leave", which is no right that can be given'],
    ],
    [
      'a mandating right that is retired',
      'gives_mandates: enter',
      'gives_mandates: old',
      ['8: [unknown_right] gives_mandates names "old", which is no right that can be given'],
    ],
    [
      'flat rights beside other dimensions',
      'codes: [dpt]',
      'flat_rights: true',
      [
        '2: [flat_rights_scoped] flat_rights is true, but dimensions is not exactly [rights]: flat rights would give combinations nobody gave',
      ],
    ],
    [
      'unknown visitors',
      'codes: [dpt]',
      'admit: nobody',
      ['2: [value] admit is "nobody", expected one of holders, everyone'],
    ],
    [
      'a code with spaces',
      '[dpt]',
      '[d p t]',
      ['2: [value] codes[1] "d p t" must be 1 to 64 characters without spaces'],
    ],
    [
      'a precedence that forgets a profile',
      '[full, light]',
      '[full]',
      ['19: [profile_not_named] profile_precedence does not name the profile "light"'],
    ],
    [
      'a precedence that names a stranger',
      '[full, light]',
      '[full, light, dark]',
      ['19: [unknown_profile] profile_precedence names the unknown profile "dark"'],
    ],
    [
      'a precedence that repeats a profile',
      '[full, light]',
      '[full, light, full]',
      ['19: [duplicate] profile_precedence has "full" twice'],
    ],
    [
      'no precedence',
      'profile_precedence: [full, light]\n',
      '',
      [
        '1: [profile_not_named] profile_precedence does not name the profile "light"',
        '1: [profile_not_named] profile_precedence does not name the profile "full"',
      ],
    ],
    [
      'columns that name a stranger',
      '[light, full]',
      '[light, heavy]',
      [
        '26: [unknown_profile] matrix.columns names the unknown profile "heavy"',
        '26: [profile_not_named] matrix.columns does not name the profile "full"',
      ],
    ],
    [
      'a row that is too long',
      'enter: [O, X]',
      'enter: [O, X, O]',
      ['28: [matrix_row_length] matrix row "enter" has 3 cells, 2 profiles expected'],
    ],
    [
      'an unknown cell',
      'enter: [O, X]',
      'enter: [O, Y]',
      ['28: [value] matrix.rights.enter[2] is "Y", expected one of X, O, NA, ND'],
    ],
    [
      'a row for no value',
      'old: [NA, NA]',
      'young: [NA, NA]',
      [
        '27: [matrix_incomplete] matrix has no row for "old" of rights',
        '29: [unknown_value] matrix row "young" is no value of rights',
      ],
    ],
    [
      'a mandatory value that is never given',
      'old: [NA, NA]',
      'old: [NA, X]',
      [
        '29: [mandatory_never_given] matrix row "old" is mandatory for a profile, but the value is retired and is never given',
      ],
    ],
    [
      'a profile that can never be given',
      'enter: [O, X]',
      'enter: [ND, X]',
      ['27: [minimum_unreachable] profile "light" allows 0 values of rights, the minimum is 1'],
    ],
    [
      'a matrix over a resource',
      '  rights:\n    enter',
      '  contracts:\n    enter',
      [
        '25: [matrix_incomplete] matrix has no rows',
        '27: [unknown_dimension] matrix has the unknown dimension "contracts"',
      ],
    ],
    ['profiles without matrix', /matrix:[^]*/, '', ['20: [matrix_missing] profiles are given, but matrix is missing']],
    [
      'a matrix without profiles',
      /profile_precedence[^]*(?=matrix:)/,
      '',
      ['19: [profiles_missing] matrix is given, but the application has no profiles'],
    ],
    ['a YAML key that stands twice', 'codes: [dpt]', 'key: depot', ['2: [yaml] Map keys must be unique']],
  ])('%s', async (_, from, to, expected) => {
    expect(await faultsAfter(from, to)).toEqual(expected.map((line) => `depot.yaml:${line}`));
  });

  it('master contracts of an application without contracts', async () => {
    const source = `key: tiny\nlabel: ${L}\ndimensions: []\nonly_master_contracts: true\n`;
    expect(await faultsOf({ 'tiny.yaml': source })).toEqual([
      {
        file: 'tiny.yaml',
        line: 4,
        rule: 'dimension_not_listed',
        message: 'only_master_contracts is true, but dimensions does not list contracts',
      },
    ]);
  });
});

describe('all faults are told at once', () => {
  it('of every kind and every file, in the order of file and line', async () => {
    const broken = VALID.replace('en: d }\ndimensions', 'xx: d }\ndimensions')
      .replace('[etoe_partner]', '[luck]')
      .replace('enter: [O, X]', 'enter: [O]');
    const folder = await catalogueFolder({ 'a.yaml': broken, 'b.yaml': 'key: [\n', 'c.yaml': '', 'd.yaml': VALID });
    const error = await loadCatalogue(folder).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CatalogueError);
    const lines = error instanceof Error ? error.message.split('\n') : [];
    expect(lines.slice(0, 6)).toEqual([
      `The application catalogue has ${lines.length - 1} faults:`,
      'a.yaml:3: label has no text in "en"',
      'a.yaml:3: label has the unknown key "xx"',
      'a.yaml:12: rights[enter].requires[1] is "luck", expected one of conventional_router, etoe_partner',
      'a.yaml:28: matrix row "enter" has 1 cell, 2 profiles expected',
      expect.stringMatching(/^b\.yaml:\d+: /),
    ]);
    expect(lines.slice(-3)).toEqual([
      'c.yaml:1: the file must be a map of names to values, not null',
      'd.yaml:1: key "depot" is already a name of the application in a.yaml',
      'd.yaml:2: codes "dpt" is already a name of the application in a.yaml',
    ]);
  });

  it('including a code that is another application’s key', async () => {
    const tiny = `key: tiny\ncodes: [tiny, depot]\nlabel: ${L}\ndimensions: []\n`;
    expect(await faultsOf({ 'depot.yaml': VALID, 'tiny.yaml': tiny })).toEqual([
      {
        file: 'tiny.yaml',
        line: 2,
        rule: 'duplicate_name',
        message: 'codes "depot" is already a name of the application in depot.yaml',
      },
    ]);
  });

  it.each([
    ['a folder that is not there', '/nowhere/at/all', 'unreadable'],
    ['a folder without applications', undefined, 'empty'],
  ])('and %s is a fault too', async (_, given, rule) => {
    const folder = given ?? (await catalogueFolder({ 'README.md': 'nothing' }));
    await expect(loadCatalogue(folder)).rejects.toMatchObject({ faults: [{ file: folder, line: 1, rule }] });
  });

  it.each([
    ['that is not UTF-8', Uint8Array.from([0x6b, 0x65, 0x79, 0x3a, 0x20, 0xe9, 0x0a]), 'unreadable'],
    ['whose aliases expand without end', aliasBomb(), 'yaml'],
    ['that is a list', '- key: depot\n', 'type'],
  ])('and so is a file %s', async (_, content, rule) => {
    expect(await faultsOf({ 'odd.yaml': content })).toMatchObject([{ file: 'odd.yaml', line: 1, rule }]);
  });

  it('each on its own line, whichever text or cell of a shipped file is lost', async () => {
    const source = await readFile(join(SHIPPED, 'parcels-international.yaml'), 'utf8');
    const lines = source.split('\n');
    const texts = lines.flatMap((line, index) => (/^ +(nl|fr|de|en): /.test(line) ? [index] : []));
    const rows = lines.flatMap((line, index) => (/^ +\w+: +\[.*(NA|ND|O|X)\]$/.test(line) ? [index] : []));
    expect([texts.length > 80, rows.length]).toEqual([true, 22]);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...texts), fc.constantFrom(...rows), async (text, row) => {
        const language = lines[text]?.trim().slice(0, 2);
        const value = lines[row]?.trim().split(':')[0];
        const changed = lines
          .map((line, index) => (index === row ? line.replace(/, +\w+\]/, ']') : line))
          .map((line, index) => (index === text ? '' : line));
        const faults = await faultsOf({ 'one.yaml': changed.join('\n') });
        expect(faults.map(({ line, rule }) => [line, rule])).toEqual([
          [expect.any(Number), 'label_missing'],
          [row + 1, 'matrix_row_length'],
        ]);
        expect(faults[0]?.message).toMatch(new RegExp(`has no text in "${language}"$`));
        expect(faults[0]?.line).toBeLessThanOrEqual(text);
        expect(faults[0]?.line).toBeGreaterThanOrEqual(text - 4);
        expect(faults[1]?.message).toBe(`matrix row "${value}" has 3 cells, 4 profiles expected`);
      }),
      { numRuns: 60 },
    );
  });
});

function aliasBomb(): string {
  const levels = Array.from(
    { length: 12 },
    (_, n) =>
      `l${n}: &l${n} [${
        n
          ? Array(10)
              .fill(`*l${n - 1}`)
              .join(', ')
          : 'x'
      }]`,
  );
  return levels.join('\n');
}
