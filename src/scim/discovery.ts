// The documents of /Schemas, /ResourceTypes and /ServiceProviderConfig (RFC 7643 sections 5 to 7,
// RFC 7644 section 4, RFC 9865 section 4). Functions of the base URL and of what is switched on.
import { Attribute, SchemaDefinition } from 'scimmy/types';
import type { AttributeDefinition, Schema } from '../provisioning/define-schema.ts';
import { ENTERPRISE_USER, ENTITLEMENT, GROUP, PORTAL_USER, ROLE, USER } from '../provisioning/schemas.ts';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0';

/** Most resources in one answer to a query. */
export const MAX_RESULTS = 200;

type Resource = { readonly [name: string]: unknown; readonly id?: string };

// scimmy's definition classes refuse characteristics that RFC 7643 does not know and leave out those that do
// not go with a type. Only these classes: its registries, base paths and handlers belong to the process.
function scimmyAttribute(definition: AttributeDefinition): Attribute {
  const { name, type, subAttributes, mutability, canonicalValues, referenceTypes, ...config } = definition;
  return new Attribute(
    type,
    name,
    {
      ...config,
      mutable: mutability,
      ...(canonicalValues ? { canonicalValues: [...canonicalValues] } : {}),
      ...(referenceTypes ? { referenceTypes: [...referenceTypes] } : {}),
    },
    subAttributes.map(scimmyAttribute),
  );
}

function describe(schema: Schema): Resource {
  const attributes = schema.attributes.map(scimmyAttribute);
  // It takes names of the IETF only; what it checks are the attributes.
  const definition = new SchemaDefinition(schema.name, `${CORE}:${schema.name}`, schema.description, attributes);
  return { ...(JSON.parse(JSON.stringify(definition.describe())) as Resource), id: schema.id };
}

// They never change while the process runs, so they are rendered once.
const SCHEMAS = [USER, ENTERPRISE_USER, PORTAL_USER, GROUP, ROLE, ENTITLEMENT].map(describe);

/** The resources of /Schemas; `baseUrl` without a slash at its end. */
export function schemas(baseUrl: string): Resource[] {
  return SCHEMAS.map((schema) => ({
    ...schema,
    meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${schema.id}` },
  }));
}

/** The resources of /ResourceTypes. */
export function resourceTypes(baseUrl: string): Resource[] {
  const types = [
    {
      id: 'User',
      endpoint: '/Users',
      description: 'People of the organization',
      schema: USER.id,
      schemaExtensions: [
        { schema: ENTERPRISE_USER.id, required: false },
        { schema: PORTAL_USER.id, required: false },
      ],
    },
    { id: 'Group', endpoint: '/Groups', description: 'Groups of users and groups', schema: GROUP.id },
    { id: 'Role', endpoint: '/Roles', description: 'Roles that the connection may assign', schema: ROLE.id },
    {
      id: 'Entitlement',
      endpoint: '/Entitlements',
      description: 'Entitlements that the connection may assign',
      schema: ENTITLEMENT.id,
    },
  ];
  return types.map((type) => ({
    schemas: [`${CORE}:ResourceType`],
    name: type.id,
    ...type,
    meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${type.id}` },
  }));
}

/** One of a list, by the last part of its address; URNs and names in any case. */
export function byId(resources: readonly Resource[], id: string): Resource | undefined {
  return resources.find((resource) => resource.id?.toLowerCase() === id.toLowerCase());
}

type ProviderSettings = {
  /** Absent while there is no /Bulk; bytes for the payload. */
  readonly bulk?: { readonly maxOperations: number; readonly maxPayloadSize: number };
  /** Absent while there are no cursors; seconds for the timeout. */
  readonly cursorTimeout?: number;
  readonly defaultPageSize: number;
  /** Tokens by client credentials are open too. */
  readonly clientCredentials?: boolean;
  readonly documentationUri?: string;
};

/** The one resource of /ServiceProviderConfig. */
export function serviceProviderConfig(baseUrl: string, settings: ProviderSettings): Resource {
  const { bulk, cursorTimeout, defaultPageSize, clientCredentials = false, documentationUri } = settings;
  return {
    schemas: [`${CORE}:ServiceProviderConfig`],
    ...(documentationUri === undefined ? {} : { documentationUri }),
    patch: { supported: true },
    bulk: {
      supported: bulk !== undefined,
      maxOperations: bulk?.maxOperations ?? 0,
      maxPayloadSize: bulk?.maxPayloadSize ?? 0,
    },
    filter: { supported: true, maxResults: MAX_RESULTS },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    // Entra ID and Okta page by index, so it stays the default (RFC 9865 section 2.4).
    pagination: {
      cursor: cursorTimeout !== undefined,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize,
      maxPageSize: MAX_RESULTS,
      ...(cursorTimeout === undefined ? {} : { cursorTimeout }),
    },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A token of the provisioning connection, made by an administrator of the organization.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
      ...(clientCredentials
        ? [
            {
              type: 'oauth2',
              name: 'OAuth 2.0 client credentials',
              description: 'A short-lived token for the client of the provisioning connection.',
              specUri: 'https://www.rfc-editor.org/info/rfc6749',
              primary: false,
            },
          ]
        : []),
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
  };
}
