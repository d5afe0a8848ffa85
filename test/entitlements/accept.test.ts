import { describe, expect, it } from '@jest/globals';
import type { Application, OrganizationAttribute } from '../../src/applications/application.ts';
import { accept, profileOf } from '../../src/entitlements/accept.ts';
import type { Entitlement } from '../../src/entitlements/box.ts';
import { choices } from '../../src/entitlements/choices.ts';
import type { Resource } from '../../src/entitlements/resource.ts';
import { application, contract, everything, parcelsInternational, value } from './applications.ts';

const mass = application('mass', {
  dimensions: ['products', 'rights', 'contracts'],
  minimum: { products: 2, rights: 1, contracts: 1 },
  products: [value('letter'), value('prior'), value('reserve', { placeholder: true }), value('old', { retired: true })],
  rights: [value('create'), value('senders', { requires: ['conventional_router'] })],
});
const onlyMaster = application('stamp', {
  dimensions: ['rights', 'contracts'],
  rights: [value('search')],
  onlyMasterContracts: true,
});
const good = { products: ['letter', 'prior'], rights: ['create'], contracts: ['1'] };
const RESOURCES = [contract('1'), contract('2', { state: 'closed' }), contract('M', { master: true })];
const parcels = { rights: ['general_access'], borderels: ['b10'], contracts: ['1'] };

const reasons = (
  app: Application,
  values: Entitlement['values'],
  more: { profile?: string; attributes?: OrganizationAttribute[]; resources?: Resource[] } = {},
): string[] =>
  accept({
    application: app,
    entitlement: { values, ...(more.profile === undefined ? {} : { profile: more.profile }) },
    attributes: more.attributes ?? [],
    resources: more.resources ?? RESOURCES,
  }).map(({ code, dimension, value: at }) => [code, dimension, at].filter((part) => part !== undefined).join(' '));

describe('accept', () => {
  it.each<[string, Application, Entitlement['values'], Parameters<typeof reasons>[2], string[]]>([
    ['nothing wrong', mass, good, {}, []],
    ['a value the catalogue lacks', mass, { ...good, rights: ['fly'] }, {}, ['unknown_value rights fly']],
    [
      'a placeholder',
      mass,
      { ...good, products: ['letter', 'prior', 'reserve'] },
      {},
      ['placeholder products reserve'],
    ],
    ['a retired value', mass, { ...good, products: ['letter', 'old', 'prior'] }, {}, ['retired products old']],
    ['a right for routers', mass, { ...good, rights: ['senders'] }, {}, ['only_conventional_routers rights senders']],
    ['the same for a router', mass, { ...good, rights: ['senders'] }, { attributes: ['conventional_router'] }, []],
    ['too few products', mass, { ...good, products: ['letter'] }, {}, ['minimum_missing products']],
    ['one product twice', mass, { ...good, products: ['letter', 'letter'] }, {}, ['minimum_missing products']],
    ['a list left out', mass, { products: good.products, rights: good.rights }, {}, ['minimum_missing contracts']],
    ['a list the application lacks', mass, { ...good, borderels: ['b10'] }, {}, ['invalid_input borderels']],
    ['"*" in a fixed list', mass, { ...good, rights: '*' }, {}, ['unknown_value rights *']],
    ['"*" contracts', mass, { ...good, contracts: '*' }, {}, []],
    ['a closed contract', mass, { ...good, contracts: ['1', '2'] }, {}, ['no_active_contract contracts 2']],
    ['an unknown contract', mass, { ...good, contracts: ['9'] }, {}, ['no_active_contract contracts 9']],
    [
      'a contract that is no master',
      onlyMaster,
      { rights: ['search'], contracts: ['1'] },
      {},
      ['not_master_contract contracts 1'],
    ],
    ['the master contract', onlyMaster, { rights: ['search'], contracts: ['M'] }, {}, []],
    [
      '"*" where only a master may stand',
      onlyMaster,
      { rights: ['search'], contracts: '*' },
      {},
      ['not_master_contract contracts *'],
    ],
    ['no profile named', parcelsInternational, parcels, {}, ['profile_required']],
    ['a profile that does not exist', parcelsInternational, parcels, { profile: 'x' }, ['unknown_value x']],
    ['a profile in an application without', mass, good, { profile: 'x' }, ['unknown_value x']],
    ['a profile kept', parcelsInternational, parcels, { profile: 'general_access' }, []],
    [
      'a mandatory right left out',
      parcelsInternational,
      { ...parcels, rights: ['view_prices'] },
      { profile: 'general_access' },
      ['profile_mandatory rights general_access'],
    ],
    [
      'a value not applicable',
      parcelsInternational,
      { ...parcels, rights: ['eshipper_light', 'general_access'] },
      { profile: 'general_access' },
      ['not_applicable rights eshipper_light'],
    ],
    [
      'a value not allowed',
      parcelsInternational,
      { ...parcels, rights: ['eshipper_light'], borderels: ['b21'] },
      { profile: 'read_only' },
      ['profile_excludes borderels b21'],
    ],
    [
      'ETOE without partner',
      parcelsInternational,
      { ...parcels, rights: ['etoe_handling', 'general_access'] },
      { profile: 'etoe' },
      ['only_etoe_partners rights etoe_handling'],
    ],
    [
      'a service no active contract has',
      parcelsInternational,
      parcels,
      { profile: 'general_access', resources: [contract('1', { services: ['b31'] })] },
      ['no_active_contract borderels b10'],
    ],
    [
      'a service one active contract has',
      parcelsInternational,
      parcels,
      {
        profile: 'general_access',
        resources: [contract('1', { services: ['b31'] }), contract('2', { services: ['b10'] })],
      },
      [],
    ],
    [
      'several at once',
      mass,
      { ...good, products: ['reserve'], rights: [] },
      {},
      ['minimum_missing rights', 'placeholder products reserve', 'minimum_missing products'],
    ],
  ])('tells %s', (_, app, values, more, expected) => {
    expect(reasons(app, values, more)).toEqual(expected);
  });
});

describe('choices', () => {
  it('shows as refused exactly the values that saving refuses, with the same code', () => {
    for (const profile of [undefined, ...parcelsInternational.profiles]) {
      const setting = {
        application: parcelsInternational,
        attributes: [],
        resources: RESOURCES,
        ...(profile === undefined ? {} : { profile }),
      };
      for (const choice of choices(setting)) {
        const values = {
          rights: [],
          borderels: [],
          contracts: [],
          [choice.dimension]: choice.value === '*' ? '*' : [choice.value],
        };
        const refused = accept({
          application: parcelsInternational,
          entitlement: { values, ...(profile === undefined ? {} : { profile: profile.key }) },
          attributes: [],
          resources: RESOURCES,
        }).find((reason) => reason.dimension === choice.dimension && reason.value === choice.value);
        expect([choice.state === 'refused', choice.state === 'refused' ? choice.code : undefined]).toEqual([
          refused !== undefined,
          refused?.code,
        ]);
      }
    }
  });

  it('marks what the profile demands and greys what the actor does not hold', () => {
    const profile = profileOf(parcelsInternational, 'general_access');
    const shown = choices(
      {
        application: parcelsInternational,
        attributes: [],
        resources: [contract('1'), contract('2')],
        ...(profile ? { profile } : {}),
      },
      {
        customerAccount: 'acc',
        ceiling: [
          {
            ...everything('parcels_international', 'acc'),
            values: { rights: '*', borderels: ['b10'], contracts: ['1'] },
          },
        ],
      },
    );
    const of = (dimension: string, key: string) => {
      const found = shown.find((choice) => choice.dimension === dimension && choice.value === key);
      return [found?.state, found?.code];
    };
    expect(of('rights', 'general_access')).toEqual(['mandatory', 'profile_mandatory']);
    expect(of('rights', 'view_prices')).toEqual(['free', undefined]);
    expect(of('rights', 'eshipper_light')).toEqual(['refused', 'not_applicable']);
    expect(of('borderels', 'b12')).toEqual(['refused', 'grantor_lacks_right']);
    expect(of('contracts', '1')).toEqual(['free', undefined]);
    expect(of('contracts', '*')).toEqual(['refused', 'grantor_lacks_right']);
  });
});
