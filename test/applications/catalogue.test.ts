import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { FIXED_DIMENSIONS, LANGUAGES } from '../../src/applications/application.ts';
import type { Application, Catalogue, Labels } from '../../src/applications/application.ts';
import { findApplication, findValue, label, loadCatalogue } from '../../src/applications/catalogue.ts';
import { HubError } from '../../src/errors.ts';
import { SHIPPED } from './catalogue-folder.ts';

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadCatalogue(SHIPPED);
});

function keys(values: readonly { key: string }[]): string[] {
  return values.map((value) => value.key);
}

function valuesOf(application: Application): readonly { key: string; label: Labels; means?: Labels }[] {
  return [...FIXED_DIMENSIONS.flatMap((dimension) => application[dimension]), ...application.profiles];
}

describe('the catalogue that ships', () => {
  it('has the ten applications in the order of the home page', () => {
    expect([...catalogue.keys()]).toEqual([
      'eshipper_business',
      'distripost',
      'emasspost',
      'etracker',
      'collect_stamp',
      'parcels_international',
      'invoice_reporter',
      'shipping_manager',
      'distriplanner',
      'pickup',
    ]);
  });

  it.each([
    ['emasspost', ['products', 'billing_addresses', 'rights'], [13, 23, 0]],
    ['distriplanner', ['billing_addresses', 'rights'], [2, 0, 0]],
    ['collect_stamp', ['contracts', 'rights'], [6, 0, 0]],
    ['eshipper_business', ['rights', 'contracts'], [1, 0, 0]],
    ['etracker', ['rights', 'contracts'], [1, 0, 0]],
    ['shipping_manager', ['rights', 'contracts'], [1, 0, 0]],
    ['parcels_international', ['rights', 'contracts', 'borderels'], [7, 0, 15]],
    ['invoice_reporter', ['billing_addresses'], [0, 0, 0]],
    ['distripost', [], [0, 0, 0]],
    ['pickup', ['rights'], [1, 0, 0]],
  ])('gives %s its lists in the order of the screen, at least one value needed of each', (key, dimensions, sizes) => {
    const application = findApplication(catalogue, key);
    expect(application.dimensions).toEqual(dimensions);
    expect(FIXED_DIMENSIONS.map((dimension) => application[dimension].length)).toEqual(sizes);
    expect(application.minimum).toEqual(Object.fromEntries(dimensions.map((dimension) => [dimension, 1])));
  });

  it('knows the codes that other systems use', () => {
    const codes = [...catalogue.values()].flatMap(({ key, codes }) => codes.map((code) => [code, key]));
    expect(Object.fromEntries(codes)).toEqual({
      eso: 'eshipper_business',
      emasspost: 'emasspost',
      etr: 'etracker',
      irena: 'invoice_reporter',
      shim: 'shipping_manager',
    });
  });

  it('has every text in four languages, and a description for every tile', () => {
    for (const application of catalogue.values()) {
      const texts = [application.label, application.description, ...Object.values(application.hints ?? {})];
      for (const value of valuesOf(application)) texts.push(value.label, ...(value.means ? [value.means] : []));
      for (const text of texts) {
        expect(Object.keys(text ?? {}).toSorted()).toEqual([...LANGUAGES].toSorted());
        for (const language of LANGUAGES) expect(text?.[language].trim()).not.toBe('');
      }
    }
  });

  it('names no existing company', async () => {
    for (const file of await readdir(SHIPPED)) {
      expect(await readFile(join(SHIPPED, file), 'utf8')).not.toMatch(/bpost|postnl|la poste|de post\b/i);
    }
  });

  it('holds e-MassPost in the words of its screens', () => {
    const application = findApplication(catalogue, 'emasspost');
    expect(application.products.map((product) => product.label.nl)).toEqual([
      'Brief',
      'Aangetekend prior',
      'Tijdschrift',
      'Kilopost',
      'UW/RD',
      'Distripost onder conventie',
      'Kilopost conventie',
      'Taxipost',
      'Taxipost International',
      'Distripost 2008',
      'Distripost tijdschrift',
      'Clean Mail',
      'UW/RD RP+',
      'International Parcels Deferred',
      'International Parcels Express',
      'Reserve product 1',
      'Reserve product 2',
      'Distripost drukwerk',
      'Selectapost',
      'Niet dringend commerciële zendingen',
      'Drukwerk',
      'Prior',
      'Non prior',
    ]);
    expect(keys(application.products.filter((product) => product.placeholder))).toEqual(['reserve_1', 'reserve_2']);
    expect(application.givesMandates).toBe('administrator_role');
    expect(findValue(application, 'rights', 'senders_management').requires).toEqual(['conventional_router']);
  });

  it('lets only e-MassPost have a right that gives mandates, and only the pick-up service flat rights', () => {
    const all = [...catalogue.values()];
    expect(keys(all.filter((application) => application.givesMandates !== undefined))).toEqual(['emasspost']);
    expect(keys(all.filter((application) => application.flatRights))).toEqual(['pickup']);
    expect(keys(all.filter((application) => application.onlyMasterContracts))).toEqual(['collect_stamp']);
    expect(keys(all.filter((application) => application.profiles.length > 0))).toEqual(['parcels_international']);
    expect(new Set(all.map((application) => application.admit))).toEqual(new Set(['holders']));
  });
});

describe('the matrix of parcels_international', () => {
  // The printed table, row by row, with the summarizing rows written out.
  const columns = ['read_only', 'general_access', 'eshipper_pro_2', 'etoe'];
  const rights = `
    customs:        NA NA NA NA
    eshipper_light: X  NA NA NA
    eshipper_pro_2: NA NA X  O
    eshipper_pro:   NA NA NA NA
    etoe_handling:  NA NA NA X
    general_access: NA X  X  X
    view_prices:    O  O  O  O`;
  const borderels = `
    b10 b12 b13 b14 b16 b17 b20: O O NA O
    b21: ND O O O
    b23: ND O NA O
    b31 b33 b35 b36 b37: O O O O
    b50: ND O O O`;

  function printed(table: string): [profile: string, value: string, cell: string][] {
    return table.split('\n').flatMap((line) => {
      const [names = '', cells = ''] = line.trim().split(/: */);
      const row = cells.split(/ +/);
      return names
        .split(' ')
        .filter((name) => name !== '')
        .flatMap((name) =>
          columns.map((profile, index): [string, string, string] => [profile, name, row[index] ?? '']),
        );
    });
  }

  it.each([
    ['rights', rights, 7],
    ['borderels', borderels, 15],
  ] as const)('equals the printed table cell by cell: %s', (dimension, table, rows) => {
    const { profiles } = findApplication(catalogue, 'parcels_international');
    const loaded = profiles.flatMap((profile) =>
      Object.entries(profile.cells[dimension] ?? {}).map(([value, cell]) => [profile.key, value, cell]),
    );
    expect(loaded).toHaveLength(rows * columns.length);
    expect(loaded.toSorted()).toEqual(printed(table).toSorted());
  });

  it('has the four profiles in the order of the columns, and their precedence', () => {
    const application = findApplication(catalogue, 'parcels_international');
    expect(keys(application.profiles)).toEqual(columns);
    expect(application.profilePrecedence).toEqual(['read_only', 'etoe', 'eshipper_pro_2', 'general_access']);
    expect(keys(application.rights.filter((right) => right.retired))).toEqual(['customs', 'eshipper_pro']);
    expect(findValue(application, 'rights', 'etoe_handling').requires).toEqual(['etoe_partner']);
  });
});

describe('looking something up', () => {
  it('gives a label in the language asked', () => {
    const { label: labels } = findApplication(catalogue, 'pickup');
    expect(LANGUAGES.map((language) => label(labels, language))).toEqual([
      'Haalservice',
      "Service d'enlèvement",
      'Abholservice',
      'Pick-up service',
    ]);
  });

  it('refuses an application and a value that are not in the catalogue', () => {
    const caught = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return error instanceof HubError ? [error.code, error.details] : error;
      }
    };
    expect(caught(() => findApplication(catalogue, 'constructor'))).toEqual([
      'unknown_application',
      { application: 'constructor' },
    ]);
    expect(caught(() => findValue(findApplication(catalogue, 'pickup'), 'rights', 'other'))).toEqual([
      'unknown_value',
      { application: 'pickup', dimension: 'rights', value: 'other' },
    ]);
  });

  it('hands out nothing that can be changed', () => {
    const open = catalogue as Map<string, Application>;
    expect(() => open.clear()).toThrow(TypeError);
    expect(() => open.set('other', findApplication(catalogue, 'pickup'))).toThrow(TypeError);
    const parts: unknown[] = [...catalogue.values()];
    for (const part of parts) {
      expect(Object.isFrozen(part)).toBe(true);
      parts.push(...Object.values(part as object).filter((inner) => typeof inner === 'object' && inner !== null));
    }
    expect(parts.length).toBeGreaterThan(200);
  });

  it('finds no cell for a value named after something every object has', () => {
    const [profile] = findApplication(catalogue, 'parcels_international').profiles;
    expect(profile?.cells.rights?.['constructor']).toBeUndefined();
  });
});
