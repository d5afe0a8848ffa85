// An administrator who lacks one product, at the five doors of a running hub: each refuses with the same reason, says what is
// lacking, and writes nothing. What the functions behind the doors refuse is doors.test.ts.
import { describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { listAssignments } from '../../src/entitlements/assignment-row.ts';
import { addToRole, createRole } from '../../src/entitlements/change-role.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { createGroup } from '../../src/groups/create-group.ts';
import { createApiToken } from '../../src/organizations/api-token.ts';
import { endSubscription, setSubscription } from '../../src/organizations/set-subscription.ts';
import { createConnection, createToken } from '../../src/provisioning/connection.ts';
import { systemCtx } from '../oidc/hub.ts';
import {
  aCompany,
  aUser,
  deposits,
  errorsOf,
  textOf,
  useRightsHub,
  visitor,
  type Page,
  type Visitor,
} from '../portal-rights/rights-hub.ts';
import type { Organization, Person } from './world.ts';
import { dayIn } from '../web/days.ts';

const hub = useRightsHub();

type Scene = { company: Organization; person: Person; at: Visitor };
type Refused = {
  /** What was answered, as one who reads it sees it. */
  text: string;
  /** The reason, and the product or the role by which alone it is given there. */
  says: readonly string[];
};

const nameOf = ({ ctx }: Person): string => (ctx.actor.kind === 'user' ? ctx.actor.label : '');

const SENTENCE = 'You do not hold this right yourself, so you cannot grant it.';

/** An administrator who holds deposits of letters, and somebody without rights. The company may deposit kilopost as well. */
async function aScene(): Promise<Scene> {
  const company = await aCompany();
  const administrator = await aUser(company, ['manage_users'], [deposits(company, ['letter'])]);
  return { company, person: await aUser(company), at: await visitor(hub, administrator) };
}

async function aRole({ operator, ...company }: Organization): Promise<string> {
  const { id } = await createRole(operator, { name: 'Parcel desk' });
  await addToRole(operator, { roleId: id, entitlements: [deposits({ operator, ...company }, ['kilopost'])] });
  return id;
}

const send = (path: string, token: string, body: object, type = 'application/json') =>
  fetch(`${hub.origin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    body: JSON.stringify(body),
  });

/** A file with one new person, who is to get what the column names. */
async function upload(at: Visitor, [column, name]: [column: string, name: string]): Promise<Page> {
  const page = await at.open('/portal/users/import');
  const form = new FormData();
  form.set('csrf', /name="csrf" value="([^"]*)"/.exec(page.html)?.[1] ?? '');
  const rows = [`userName,givenName,familyName,email,${column}`, `nora,Nora,Claes,nora@company.example,${name}`];
  form.set('file', new Blob([rows.join('\n')]), 'users.csv');
  const checked = await at.post('/portal/users/import', form as unknown as URLSearchParams);
  expect(textOf(checked)).toContain('Can be created 0');
  return checked;
}

const DOORS: { name: string; knock: (scene: Scene) => Promise<Refused> }[] = [
  {
    name: 'the form',
    knock: async ({ company, person, at }) => {
      const page = await at.open(
        `/portal/users/${person.id}/rights/emasspost/edit?account=${company.accountId}&edited=1`,
      );
      const { values } = deposits(company, ['letter', 'kilopost']);
      const refused = await at.submit(page, { ...(values as Record<string, string[]>), act: 'save' });
      expect(refused.status).toBe(403);
      return { text: errorsOf(refused).join(' '), says: [SENTENCE, 'Kilopost'] };
    },
  },
  {
    name: 'the API',
    knock: async ({ company, person }) => {
      // The operator's ceiling is what the company may do.
      for (const { id } of await query<{ id: string }>(
        `select id from subscriptions where organization_id = $1 and application = 'emasspost'`,
        [company.id],
      ))
        await endSubscription(company.operator, id);
      await setSubscription(company.operator, {
        customerAccountId: company.accountId,
        application: 'emasspost',
        values: { products: ['letter'], rights: '*', billing_addresses: '*' },
      });
      const { token } = await createApiToken(systemCtx(), { name: 'Set-up', roles: ['owner'] });
      const path = `/api/v1/organizations/${company.id}/assignments`;
      const gifts = [deposits(company, ['letter', 'kilopost'])];
      const refused = await send(path, token, { subjectKind: 'user', subjectId: person.id, gifts });
      expect(refused.status).toBe(403);
      return { text: await refused.text(), says: ['"code":"grantor_lacks_right"', '"kilopost"'] };
    },
  },
  {
    name: 'SCIM',
    knock: async ({ company }) => {
      await aRole(company);
      const connection = await createConnection(company.operator, { name: 'Entra ID' });
      const { token } = await createToken(company.operator, connection.id, { name: 'Push' });
      const refused = await send(
        '/scim/v2/Users',
        token,
        {
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
          userName: 'nora.claes',
          roles: [{ value: 'Parcel desk' }],
        },
        'application/scim+json',
      );
      expect(refused.status).toBe(403);
      return { text: await refused.text(), says: ['No chief administrator has opened a role', 'Parcel desk'] };
    },
  },
  {
    name: 'a file of users',
    knock: async ({ company, at }) => {
      await aRole(company);
      const checked = await upload(at, ['roles', 'Parcel desk']);
      const downloaded = await at.open(/href="([^"]*errors\.csv)"/.exec(checked.html)?.[1] ?? '');
      expect(downloaded.html).toContain('Products: Kilopost');
      return { text: textOf(checked), says: [SENTENCE, 'parcel desk', 'e-MassPost; Products: Kilopost'] };
    },
  },
  {
    name: 'a file of users that names a group',
    knock: async ({ company, at }) => {
      const group = await createGroup(company.operator, { schemas: [], displayName: 'Parcel team' });
      const subject = { kind: 'group' as const, id: group.id };
      await assign(company.operator, { subject, gifts: [deposits(company, ['kilopost'])] });
      const checked = await upload(at, ['groups', 'Parcel team']);
      return { text: textOf(checked), says: [SENTENCE, 'parcel team', 'e-MassPost; Products: Kilopost'] };
    },
  },
  {
    name: 'the same for several users at once',
    knock: async ({ company, person, at }) => {
      const other = await aUser(company);
      const refused = await at.send('/portal/users/selection/rights', {
        application: 'emasspost',
        account: company.accountId,
        user: [person.id, other.id],
        edited: '1',
        ...(deposits(company, ['letter', 'kilopost']).values as Record<string, string[]>),
        act: 'save',
      });
      expect(refused.status).toBe(403);
      return { text: errorsOf(refused).join(' '), says: [SENTENCE, 'Kilopost'] };
    },
  },
  {
    name: 'copying what a colleague holds',
    knock: async ({ company, person, at }) => {
      const colleague = await aUser(company, [], [deposits(company, ['kilopost'])]);
      const fields = {
        absent: nameOf(colleague),
        substitute: nameOf(person),
        from: dayIn(0),
        until: dayIn(5),
      };
      const shown = await at.send('/portal/substitutes', fields);
      const refused = await at.send('/portal/substitutes', { ...fields, confirmed: 'yes' });
      expect([shown.status, refused.status]).toEqual([403, 403]);
      return { text: textOf(refused), says: [SENTENCE, 'Kilopost'] };
    },
  },
];

describe('an administrator who lacks one product', () => {
  it.each(DOORS)('is refused by $name, which says what he lacks, and nothing is saved', async ({ knock }) => {
    const scene = await aScene();
    const { text, says } = await knock(scene);
    for (const one of says) expect(text).toContain(one);
    const { operator, id } = scene.company;
    expect(await listAssignments(operator, { kind: 'user', id: scene.person.id })).toEqual([]);
    expect(await query(`select 1 from users where organization_id = $1 and user_name like 'nora%'`, [id])).toEqual([]);
  });
});
