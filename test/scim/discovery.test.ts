import { describe, expect, it } from '@jest/globals';
import { GROUP_ATTRIBUTES, USER_ATTRIBUTES } from '../../src/provisioning/attribute-index.ts';
import type { Attribute } from '../../src/provisioning/attribute.ts';
import { ENTERPRISE_SCHEMA, PORTAL_SCHEMA, USER_SCHEMA } from '../../src/provisioning/schemas.ts';
import { byId, resourceTypes, schemas, serviceProviderConfig } from '../../src/scim/discovery.ts';

const BASE = 'https://hub.example/scim/v2';

type Shown = {
  name: string;
  type: string;
  multiValued: boolean;
  mutability: string;
  returned: string;
  required: boolean;
  caseExact?: boolean;
  uniqueness?: string;
  subAttributes?: Shown[];
};

const same = (shown: Shown, enforced: Attribute | undefined): void => {
  expect({ name: shown.name, found: enforced?.name }).toEqual({ name: shown.name, found: shown.name });
  const { type, multiValued, mutability, returned, required } = shown;
  expect(enforced).toMatchObject({ type, multiValued, mutability, returned, required });
  if (shown.caseExact !== undefined) expect(enforced).toMatchObject({ caseExact: shown.caseExact });
  if (shown.uniqueness !== undefined) expect(enforced).toMatchObject({ uniqueness: shown.uniqueness });
  expect(enforced?.subAttributes.length).toBe(shown.subAttributes?.length ?? 0);
  for (const sub of shown.subAttributes ?? [])
    same(
      sub,
      enforced?.subAttributes.find((one) => one.name === sub.name),
    );
};

describe('/Schemas (RFC 7643 section 7)', () => {
  it('says of every attribute what is enforced', () => {
    const enforced = schemas(BASE).filter(({ id }) => /:(User|Group)$/.test(String(id)));
    expect(enforced.length).toBe(4);
    for (const schema of enforced) {
      const id = String(schema.id);
      const index = id.endsWith('Group') ? GROUP_ATTRIBUTES : USER_ATTRIBUTES;
      for (const shown of schema['attributes'] as Shown[]) same(shown, index.find(`${id}:${shown.name}`));
    }
  });

  it('shows all attributes of RFC 7643 section 4 and none of the common ones', () => {
    const names = (id: string): string[] => (byId(schemas(BASE), id)?.['attributes'] as Shown[]).map((one) => one.name);
    expect(names(USER_SCHEMA)).toEqual([
      'userName', 'name', 'displayName', 'nickName', 'profileUrl', 'title', 'userType', 'preferredLanguage', 'locale', 'timezone', 'active', 'password',
      'emails', 'phoneNumbers', 'ims', 'photos', 'addresses', 'groups', 'entitlements', 'roles', 'x509Certificates',
    ]); // prettier-ignore
    expect(names(ENTERPRISE_SCHEMA)).toEqual([
      'employeeNumber',
      'costCenter',
      'organization',
      'division',
      'department',
      'manager',
    ]);
  });

  it('shows the form of RFC 7643 section 8.7.1', () => {
    const user = byId(schemas(BASE), USER_SCHEMA.toUpperCase());
    expect(user).toMatchObject({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
      id: USER_SCHEMA,
      name: 'User',
      meta: { resourceType: 'Schema', location: `${BASE}/Schemas/${USER_SCHEMA}` },
    });
    expect((user?.['attributes'] as Shown[])[0]).toMatchObject({
      name: 'userName',
      type: 'string',
      required: true,
      caseExact: false,
      uniqueness: 'server',
      returned: 'default',
      mutability: 'readWrite',
    });
    expect((user?.['attributes'] as Shown[]).find((one) => one.name === 'password')).toMatchObject({
      mutability: 'writeOnly',
      returned: 'never',
    });
  });

  it('never carries the address of one request into another', () => {
    schemas('https://other.example/scim/v2');
    resourceTypes('https://other.example/scim/v2');
    expect(JSON.stringify([schemas(BASE), resourceTypes(BASE)])).not.toContain('other.example');
  });
});

describe('/ResourceTypes and /ServiceProviderConfig', () => {
  it('name the endpoints and the extension', () => {
    expect(byId(resourceTypes(BASE), 'User')).toMatchObject({
      endpoint: '/Users',
      schema: USER_SCHEMA,
      schemaExtensions: [
        { schema: ENTERPRISE_SCHEMA, required: false },
        { schema: PORTAL_SCHEMA, required: false },
      ],
      meta: { location: `${BASE}/ResourceTypes/User` },
    });
    expect(byId(resourceTypes(BASE), 'Role')).toMatchObject({ endpoint: '/Roles' });
    expect(byId(resourceTypes(BASE), 'Device')).toBeUndefined();
  });

  it('say what is switched on, and no more (RFC 9865 section 4)', () => {
    expect(serviceProviderConfig(BASE, { defaultPageSize: 100 })).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
      filter: { supported: true, maxResults: 200 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      pagination: {
        cursor: false,
        index: true,
        defaultPaginationMethod: 'index',
        defaultPageSize: 100,
        maxPageSize: 200,
      },
      authenticationSchemes: [{ type: 'oauthbearertoken', primary: true }],
      meta: { location: `${BASE}/ServiceProviderConfig` },
    });
    expect(
      serviceProviderConfig(BASE, {
        defaultPageSize: 50,
        cursorTimeout: 600,
        bulk: { maxOperations: 1000, maxPayloadSize: 16_777_216 },
        clientCredentials: true,
      }),
    ).toMatchObject({
      bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 16_777_216 },
      pagination: { cursor: true, cursorTimeout: 600 },
      authenticationSchemes: [{ primary: true }, { type: 'oauth2', primary: false }],
    });
  });
});

describe('an attribute path', () => {
  const key = (path: string): string | undefined => USER_ATTRIBUTES.find(path)?.key;
  it('is found in any case, by URN, and bare where the core schema leaves the name free', () => {
    expect(key('EMAILS.value')).toBe('emails.value');
    expect(key('urn:ietf:params:scim:schemas:core:2.0:user:USERNAME')).toBe('userName');
    expect(key(`${ENTERPRISE_SCHEMA}:Department`)).toBe(`${ENTERPRISE_SCHEMA}:department`);
    expect(key('department')).toBe(`${ENTERPRISE_SCHEMA}:department`);
    expect(key('urn:ietf:params:scim:schemas:extension:enterprise:2.0User:department')).toBe(
      `${ENTERPRISE_SCHEMA}:department`,
    );
    expect(key('meta.lastModified')).toBe('meta.lastModified');
    expect(USER_ATTRIBUTES.find('manager.value')?.path).toEqual([ENTERPRISE_SCHEMA, 'manager', 'value']);
    expect([key('displayName'), key('members'), key('__proto__'), key('')]).toEqual([
      'displayName',
      undefined,
      undefined,
      undefined,
    ]);
  });
});
