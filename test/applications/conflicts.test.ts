// Pairs of conflicting values in an application file: read with the application that each side belongs to, and every fault named.
import { describe, expect, it } from '@jest/globals';
import { loadCatalogue } from '../../src/applications/catalogue.ts';
import { catalogueFolder, faultsOf } from './catalogue-folder.ts';

const L = '{ nl: a, fr: b, de: c, en: d }';
const file = (key: string, conflicts: string): string => `key: ${key}
label: ${L}
dimensions: [rights]
rights:
  - { key: create, label: ${L} }
  - { key: approve, label: ${L} }
conflicts:
  - ${conflicts}
`;
const PAIR = 'a: { dimension: rights, value: create }, b: { dimension: rights, value: approve }, mode: refuse';
const other = `key: other\nlabel: ${L}\ndimensions: [products]\nproducts:\n  - { key: box, label: ${L} }\n`;

describe('a pair of conflicting values', () => {
  it('names the application of each side', async () => {
    const abroad = `{ ${PAIR.replace('dimension: rights, value: approve', 'application: other, dimension: products, value: box')}, labels: ${L} }`;
    const files = { 'depot.yaml': file('depot', `{ ${PAIR} }\n  - ${abroad}`), 'other.yaml': other };
    const catalogue = await loadCatalogue(await catalogueFolder(files));
    expect(catalogue.get('depot')?.conflicts).toEqual([
      {
        a: { application: 'depot', dimension: 'rights', value: 'create' },
        b: { application: 'depot', dimension: 'rights', value: 'approve' },
        mode: 'refuse',
      },
      {
        a: { application: 'depot', dimension: 'rights', value: 'create' },
        b: { application: 'other', dimension: 'products', value: 'box' },
        mode: 'refuse',
        labels: { nl: 'a', fr: 'b', de: 'c', en: 'd' },
      },
    ]);
    expect(catalogue.get('other')?.conflicts).toBeUndefined();
  });

  it.each([
    [
      'an unknown value',
      PAIR.replace('approve', 'destroy'),
      'unknown_value',
      'conflicts[1].b names "destroy", which is not one of rights',
    ],
    [
      'a list that the application does not have',
      PAIR.replace('rights, value: approve', 'products, value: box'),
      'dimension_not_listed',
      'dimensions does not list',
    ],
    [
      'a list of resources',
      PAIR.replace('rights, value: approve', 'contracts, value: x1'),
      'value',
      'expected one of rights, products, borderels',
    ],
    ['the same value twice', PAIR.replace('approve', 'create'), 'same_sides', 'the same value twice'],
    ['another word for the mode', PAIR.replace('refuse', 'warn'), 'value', 'expected one of report, refuse'],
    [
      'a pair a second time, turned round',
      `${PAIR} }\n  - { a: { dimension: rights, value: approve }, b: { dimension: rights, value: create }, mode: report`,
      'duplicate',
      'conflicts[2] is there already',
    ],
    [
      'another application that is not there',
      PAIR.replace('b: {', 'b: { application: nowhere,'),
      'unknown_value',
      'in nowhere, which is not there',
    ],
    [
      'a value that the other application does not have',
      PAIR.replace(
        'b: { dimension: rights, value: approve',
        'b: { application: other, dimension: products, value: crate',
      ),
      'unknown_value',
      '"crate" of products in other',
    ],
    [
      'other applications only',
      PAIR.replaceAll('{ dimension: rights', '{ application: other, dimension: products').replace('create', 'box'),
      'foreign_pair',
      'names other applications only',
    ],
  ])('is refused with %s', async (_what, pair, rule, message) => {
    const faults = await faultsOf({ 'depot.yaml': file('depot', `{ ${pair} }`), 'other.yaml': other });
    expect(faults).toContainEqual(
      expect.objectContaining({ file: 'depot.yaml', rule, message: expect.stringContaining(message) }),
    );
    expect(faults.every(({ line }) => line >= 8)).toBe(true);
  });
});
