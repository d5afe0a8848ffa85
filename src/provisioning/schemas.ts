// The schemas of RFC 7643 as data: User (4.1), Group (4.2), the enterprise extension (4.3) and the common
// attributes (3.1). The one source of what /Schemas shows and of what documents, filters and patches
// enforce; attribute-index.ts makes it searchable.
import {
  complex,
  define,
  plural,
  READ_ONLY,
  reference,
  text,
  type AttributeDefinition,
  type Config,
  type Schema,
} from './define-schema.ts';

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const PORTAL_SCHEMA = 'urn:mandate:params:scim:schemas:extension:portal:2.0:User';

/** Longest strings of the attributes that the database indexes; the descriptions say them. */
export const MAX_LENGTH: Readonly<Record<string, number>> = {
  userName: 256,
  externalId: 256,
  displayName: 256,
  'emails.value': 320,
};

export const USER: Schema = {
  id: USER_SCHEMA,
  name: 'User',
  description: 'A person of the organization.',
  attributes: [
    text(
      'userName',
      'The name the person signs in with. Unique in the organization whatever its case. At most 256 characters.',
      {
        required: true,
        uniqueness: 'server',
      },
    ),
    complex('name', "The components of the person's name.", [
      text('formatted', 'The full name as it is displayed.'),
      text('familyName', 'The family name.'),
      text('givenName', 'The given name.'),
      text('middleName', 'The middle names.'),
      text('honorificPrefix', 'What stands before the name, such as "Dr.".'),
      text('honorificSuffix', 'What stands after the name, such as "III".'),
    ]),
    text('displayName', 'The name by which others see the person. At most 256 characters.'),
    text('nickName', 'How the person is called in daily life.'),
    reference('profileUrl', 'The address of a page about the person.', ['external']),
    text('title', 'The job title.'),
    text('userType', 'The relation to the organization, such as "Employee" or "Contractor".'),
    text('preferredLanguage', 'The preferred language, as in the Accept-Language header (RFC 9110).'),
    text('locale', 'The language and region that dates and numbers follow (RFC 5646).'),
    text('timezone', 'The time zone in the Olson form, such as "Europe/Brussels".'),
    define('boolean', 'active', 'Whether the person may sign in. False ends all access at once.'),
    text('password', 'Accepted and discarded: passwords are not set over SCIM.', {
      mutability: 'writeOnly',
      returned: 'never',
      caseExact: true,
    }),
    plural('emails', 'E-mail addresses.', text('value', 'The e-mail address. At most 320 characters.'), [
      'work',
      'home',
      'other',
    ]),
    plural('phoneNumbers', 'Phone numbers.', text('value', 'The phone number.'), [
      'work',
      'home',
      'mobile',
      'fax',
      'pager',
      'other',
    ]),
    plural('ims', 'Instant messaging addresses.', text('value', 'The address.'), [
      'aim',
      'gtalk',
      'icq',
      'xmpp',
      'msn',
      'skype',
      'qq',
      'yahoo',
    ]),
    plural(
      'photos',
      'Addresses of pictures of the person.',
      reference('value', 'The address of the picture.', ['external']),
      ['photo', 'thumbnail'],
    ),
    complex(
      'addresses',
      'Postal addresses. At most 200 values, at most one of them primary.',
      [
        text('formatted', 'The full address as it is displayed.'),
        text('streetAddress', 'Street, house number and box.'),
        text('locality', 'The city.'),
        text('region', 'The state or region.'),
        text('postalCode', 'The postal code.'),
        text('country', 'The country (ISO 3166-1 alpha-2).'),
        text('type', 'What the address is for.', { canonicalValues: ['work', 'home', 'other'] }),
        define('boolean', 'primary', 'The preferred address. True at most once.'),
      ],
      { multiValued: true },
    ),
    complex(
      'groups',
      'The groups the person belongs to. Changed through the groups.',
      [
        text('value', "The group's id.", READ_ONLY),
        reference('$ref', "The group's address.", ['Group'], READ_ONLY),
        text('display', "The group's displayName.", READ_ONLY),
        text('type', 'Whether the membership is direct.', { ...READ_ONLY, canonicalValues: ['direct', 'indirect'] }),
      ],
      { multiValued: true, ...READ_ONLY },
    ),
    complex(
      'entitlements',
      'Empty: what a person may do comes to him by roles.',
      [text('value', 'The name of the entitlement.', READ_ONLY)],
      { multiValued: true, ...READ_ONLY },
    ),
    plural('roles', "The organization's roles the person has.", text('value', 'The name of the role.')),
    plural(
      'x509Certificates',
      'Certificates of the person.',
      define('binary', 'value', 'The certificate: DER in base64.'),
    ),
  ],
};

export const ENTERPRISE_USER: Schema = {
  id: ENTERPRISE_SCHEMA,
  name: 'EnterpriseUser',
  description: 'What an employer records about a person.',
  attributes: [
    text('employeeNumber', 'The number the employer gave the person.'),
    text('costCenter', 'The cost center.'),
    text('organization', 'The name of the organization.'),
    text('division', 'The division.'),
    text('department', 'The department.'),
    complex('manager', "The person's manager.", [
      text('value', "The manager's id; it may name a user that is created later."),
      reference('$ref', "The manager's address.", ['User'], READ_ONLY),
      text('displayName', "The manager's displayName.", READ_ONLY),
    ]),
  ],
};

const ON_REQUEST: Config = { ...READ_ONLY, returned: 'request' };

/** The hub's own: what a person holds in the portal. It is read from the rights themselves and cannot be filtered by. */
export const PORTAL_USER: Schema = {
  id: PORTAL_SCHEMA,
  name: 'PortalUser',
  description: 'What a person holds in the portal. Shown only when asked for; changed in the portal.',
  attributes: [
    text('administrationRights', 'The administration rights the person holds, directly or through groups.', {
      ...ON_REQUEST,
      multiValued: true,
      caseExact: true,
    }),
    complex(
      'customerAccounts',
      'The customer accounts for which the person has been given something.',
      [
        text('value', "The customer account's number.", { ...ON_REQUEST, caseExact: true }),
        text('display', "The customer account's name.", ON_REQUEST),
      ],
      { ...ON_REQUEST, multiValued: true },
    ),
  ],
};

const assignable = (name: string, noun: string): Schema => ({
  id: `urn:ietf:params:scim:schemas:core:2.0:${name}`,
  name,
  description: `A ${noun} that the connection may assign (draft-ietf-scim-roles-entitlements).`,
  attributes: [
    text('value', `What stands for the ${noun} in a user's list.`, READ_ONLY),
    text('display', 'A name for people.', READ_ONLY),
    text('type', 'The applications in which it gives something.', READ_ONLY),
    define('boolean', 'supported', 'Whether it can be assigned.', READ_ONLY),
    define('boolean', 'limitedAssignmentsPermitted', 'Whether only a limited number of users may have it.', READ_ONLY),
  ],
});

/** Not among what attribute-index.ts searches: these resources are only ever listed whole. */
export const ROLE = assignable('Role', 'role');
export const ENTITLEMENT = assignable('Entitlement', 'entitlement');

export const GROUP: Schema = {
  id: GROUP_SCHEMA,
  name: 'Group',
  description: 'A group of users and groups.',
  attributes: [
    text('displayName', 'The name of the group. At most 256 characters.', { required: true }),
    complex(
      'members',
      'The members of the group: users and groups of the same organization.',
      [
        text('value', "The member's id.", { mutability: 'immutable', required: true }),
        reference('$ref', "The member's address.", ['User', 'Group'], { mutability: 'immutable' }),
        text('display', "The member's displayName.", READ_ONLY),
        text('type', 'What the member is.', { mutability: 'immutable', canonicalValues: ['User', 'Group'] }),
      ],
      { multiValued: true },
    ),
  ],
};

/** The attributes every resource has (RFC 7643 section 3.1); by that section no schema lists them. */
export const COMMON_ATTRIBUTES: readonly AttributeDefinition[] = [
  reference('schemas', 'The URNs of the schemas in use.', ['uri'], { multiValued: true, returned: 'always' }),
  text('id', 'The identifier given by the hub.', {
    ...READ_ONLY,
    returned: 'always',
    caseExact: true,
    uniqueness: 'server',
  }),
  text('externalId', 'The identifier given by the client. At most 256 characters.', { caseExact: true }),
  complex(
    'meta',
    'About the resource itself.',
    [
      text('resourceType', 'User or Group.', { ...READ_ONLY, caseExact: true }),
      define('dateTime', 'created', 'When it was created.', READ_ONLY),
      define('dateTime', 'lastModified', 'When it was last changed.', READ_ONLY),
      reference('location', 'Its address.', ['uri'], READ_ONLY),
      text('version', 'Its entity tag.', { ...READ_ONLY, caseExact: true }),
    ],
    READ_ONLY,
  ),
];
