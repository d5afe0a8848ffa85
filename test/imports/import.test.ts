// A file of users, from the upload to the last user, as an administrator sees it and over the API.
import { describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { addToRole, createRole } from '../../src/entitlements/change-role.ts';
import { endAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { createGroup } from '../../src/groups/create-group.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { createApiToken } from '../../src/organizations/api-token.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { createUser } from '../../src/users/create-user.ts';
import { auditOf, type Organization } from '../giving/world.ts';
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
import { until } from '../support/hub-process.ts';

const hub = useRightsHub();

const HEADER = 'userName,givenName,familyName,email,language';
const line = (name: string, more = '') => `${name},Anna,Peeters,${name}@company.example,nl${more}`;
const csv = (...lines: string[]) => [HEADER, ...lines].join('\r\n');

async function upload(
  at: Visitor,
  content: string | Uint8Array,
  { invite = false, name = 'users.csv' } = {},
): Promise<Page> {
  const page = await at.open('/portal/users/import');
  const form = new FormData();
  form.set('csrf', /name="csrf" value="([^"]*)"/.exec(page.html)?.[1] ?? '');
  if (invite) form.set('invite', 'yes');
  form.set('file', new Blob([content as BlobPart]), name);
  return at.post('/portal/users/import', form as unknown as URLSearchParams);
}

/** Confirms and waits for the end: the page as it is then. */
async function confirm(at: Visitor, page: Page): Promise<Page> {
  await at.submit(page, { act: 'confirm' });
  return until('the import has ended', async () => {
    const shown = await at.open(page.url.pathname);
    return / data-state="running"/.test(shown.html) ? undefined : shown;
  });
}

const peopleOf = async ({ id }: Organization): Promise<string[]> =>
  (
    await query<{ user_name: string }>(
      `select user_name from users where organization_id = $1 and deleted_at is null and document ->> 'displayName' not like 'Name of%' order by user_name_key`,
      [id],
    )
  ).map((row) => row.user_name);

const rowsLeft = async ({ id }: Organization): Promise<number> =>
  (await query('select 1 from import_rows where organization_id = $1', [id])).length;

async function aManager(company: Organization, ...gifts: Parameters<typeof aUser>[2] & object[]) {
  const person = await aUser(company, ['manage_users'], gifts);
  return { person, at: await visitor(hub, person) };
}

describe('a file of users', () => {
  it('is checked first, creates nothing until it is confirmed, and then everybody with mail and history', async () => {
    const company = await aCompany();
    const { person, at } = await aManager(company);
    await changeUser(company.operator, person.id, (document) => ({
      ...document,
      emails: [{ value: 'chief@company.example', primary: true }],
    }));
    const page = await upload(at, csv(line('anna'), line('bert'), line('carla')), { invite: true });
    expect(page.status).toBe(200);
    expect(textOf(page)).toContain('Nothing has been created yet.');
    expect(textOf(page)).toContain('Can be created 3');
    expect(await peopleOf(company)).toEqual([]);
    const end = await confirm(at, page);
    expect(textOf(end)).toContain('3 of 3 rows processed, 3 users created.');
    expect(await peopleOf(company)).toEqual(['anna', 'bert', 'carla']);
    const made = await query<{ id: string; names: number; mails: number; by: string; document: object }>(
      `select u.id, u.created_by ->> 'id' as by, u.document, (select count(*)::int from sign_in_names s where s.user_id = u.id) as names,
         (select count(*)::int from mails m where m.user_id = u.id and m.kind = 'invitation') as mails
       from users u where u.organization_id = $1 and u.user_name = 'anna'`,
      [company.id],
    );
    expect(made[0]).toMatchObject({
      names: 2,
      mails: 1,
      by: person.id,
      document: {
        displayName: 'Anna Peeters',
        preferredLanguage: 'nl',
        name: { givenName: 'Anna', familyName: 'Peeters' },
      },
    });
    expect(await auditOf(company.id, made[0]?.id ?? '')).toEqual(['user.created', 'invitation.sent']);
    const finished = await query<{ n: number }>(
      `select count(*)::int as n from mails where organization_id = $1 and user_id = $2 and kind = 'import_finished'`,
      [company.id, person.id],
    );
    expect(finished[0]?.n).toBe(1);
    expect(textOf(await at.open('/portal/history'))).toContain('started an import of users');
  });

  it('names every fault in words, imports the other rows, and takes the corrected file of errors', async () => {
    const company = await aCompany();
    const { at } = await aManager(company);
    await createUser(company.operator, {
      document: { schemas: [], userName: 'Taken', active: true, displayName: 'Name of' },
    });
    await createUser(company.operator, {
      document: { schemas: [], userName: 'gone', active: false, displayName: 'Name of' },
    });
    const page = await upload(
      at,
      csv(
        line('good'),
        line('twice'),
        line('TWICE'),
        line('taken'),
        line('gone'),
        'bad,Anna,Peeters,no address,nl',
        'noname,,Peeters,n@company.example,xx',
        '=formula,Anna,"=cmd|\'/c calc\'!A0",f@company.example,nl',
      ),
    );
    const text = textOf(page);
    expect(text).toContain('Can be created 2');
    expect(text).toContain(
      '3 twice · Anna · Peeters · twice@company.example · nl This username stands in line 4 as well.',
    );
    expect(text).toContain('This username is already in use in your organization.');
    expect(text).toContain('A deactivated user of your organization has this username.');
    expect(text).toContain('Enter a complete e-mail address');
    expect(text).toContain('Enter the first name. Choose a language from the list.');
    const errors = await at.open(`${page.url.pathname}/errors.csv`);
    expect(errors.html.trim().split('\r\n')).toHaveLength(7);
    await confirm(at, page);
    // What looks like a formula is a name like any other.
    expect(await peopleOf(company)).toEqual(['=formula', 'good']);
    const corrected = errors.html
      .replace('taken,', 'free,')
      .replace('no address', 'b@company.example')
      .replace('TWICE,', 'thrice,');
    const again = await upload(at, corrected);
    expect(textOf(again)).toContain('Can be created 4');
    await confirm(at, again);
    expect(await peopleOf(company)).toEqual(['=formula', 'bad', 'free', 'good', 'thrice', 'twice']);
  });

  it('gives groups, roles and administration rights by the rules of every other door', async () => {
    const company = await aCompany();
    const weak = deposits(company, ['letter']);
    const { at } = await aManager(company, weak);
    const within = await createRole(company.operator, { name: 'Depositor' });
    await addToRole(company.operator, { roleId: within.id, entitlements: [weak] });
    const beyond = await createGroup(company.operator, { schemas: [], displayName: 'Everything' });
    await assign(company.operator, {
      subject: { kind: 'group', id: beyond.id },
      gifts: [deposits(company, ['letter', 'periodical'])],
    });
    const room = await createGroup(company.operator, { schemas: [], displayName: 'Mail room' });
    const page = await upload(
      at,
      [
        `${HEADER},groepen,Rôles,administration_rights`,
        line('one', ',mail ROOM,depositor,'),
        line('two', ',Mail room | everything,,'),
        line('three', ',Nowhere,,'),
        line('four', ',,,manage_administrators'),
        line('five', ',,,fly'),
      ].join('\n'),
    );
    const text = textOf(page);
    expect(text).toContain('Can be created 1');
    expect(text).toMatch(/everything: [^.]*You do not have this right yourself|everything: /);
    expect(text).toContain('"nowhere" is not known in your organization.');
    expect(text).toMatch(/manage_administrators: /);
    expect(text).toContain('"fly" is no administration right.');
    await confirm(at, page);
    expect(await peopleOf(company)).toEqual(['one']);
    const [held] = await query<{ groups: number; roles: number }>(
      `select (select count(*)::int from group_users m where m.user_id = u.id and m.group_id = $2) as groups,
         (select count(*)::int from assignments a where a.subject_id = u.id and a.role_id = $3) as roles
       from users u where u.organization_id = $1 and u.user_name = 'one'`,
      [company.id, room.id, within.id],
    );
    expect(held).toEqual({ groups: 1, roles: 1 });
  });

  it('refuses the rows whose rights the administrator lost after the check, and creates nobody of them by half', async () => {
    const company = await aCompany();
    const { at } = await aManager(company);
    const role = await createRole(company.operator, { name: 'Later' });
    const page = await upload(at, [`${HEADER},roles`, line('with', ',later'), line('without', ',')].join('\n'));
    expect(textOf(page)).toContain('Can be created 2');
    await addToRole(company.operator, { roleId: role.id, entitlements: [deposits(company, ['letter'])] });
    const end = await confirm(at, page);
    expect(textOf(end)).toContain('2 of 2 rows processed, 1 users created.');
    expect(await peopleOf(company)).toEqual(['without']);
  });

  it('stops when whoever confirmed may not create users any more', async () => {
    const company = await aCompany();
    const { person, at } = await aManager(company);
    const page = await upload(at, csv(line('anna')));
    const id = page.url.pathname.split('/').at(-1);
    // As if he lost it between the click and the first batch.
    const [right] = await query<{ id: string }>(
      'select id from administration_rights where organization_id = $1 and subject_id = $2',
      [company.id, person.id],
    );
    await query(`update imports set state = 'running' where id = $1`, [id]);
    await endAdministrationRight(company.operator, right?.id ?? '');
    const { runImport } = await import('../../src/imports/run-import.ts');
    await runImport(person.ctx.log).run({ organizationId: company.id, importId: id });
    expect(await query('select state, stop_code from imports where id = $1', [id])).toEqual([
      { state: 'stopped', stop_code: 'not_permitted' },
    ]);
    expect(await peopleOf(company)).toEqual([]);
  });

  it('is seen by the administrators of its organization only, and confirmed by who uploaded it', async () => {
    const company = await aCompany();
    const { at } = await aManager(company);
    const page = await upload(at, csv(line('anna')));
    const other = await aManager(company);
    expect(textOf(await other.at.open(page.url.pathname))).toContain('can confirm it');
    const refused = await other.at.send(page.url.pathname, { act: 'confirm' });
    expect(refused.status).toBe(403);
    expect((await (await visitor(hub, await aUser(company))).open(page.url.pathname)).status).toBe(403);
    const stranger = await aManager(await aCompany());
    expect((await stranger.at.open(page.url.pathname)).status).toBe(404);
    expect((await stranger.at.open(`${page.url.pathname}/errors.csv`)).status).toBe(404);
    await at.send(page.url.pathname, { act: 'discard' });
    expect(await rowsLeft(company)).toBe(0);
    expect((await at.send(page.url.pathname, { act: 'confirm' })).status).toBe(409);
    expect(await peopleOf(company)).toEqual([]);
  });
});

const semicolon = csv(line('anna'), 'rene,René,Müller,rene@company.example,fr').replaceAll(',', ';');
const latin = Buffer.from(semicolon, 'latin1');
const wide = Buffer.from(`\ufeff${semicolon}`, 'utf16le');
const swapped = Buffer.from(wide).swap16();

describe('whatever program wrote the file', () => {
  it.each([
    ['UTF-8 with commas', csv(line('anna'), 'rene,René,Müller,rene@company.example,fr')],
    ['UTF-8 with its mark and semicolons', `\ufeff${semicolon}`],
    ['tabs and quoted cells', `${semicolon.replaceAll(';', '\t').replace('René', '"René"')}\r\n`],
    ['old line ends and a line that names the separator', `sep=;\r${semicolon.replaceAll('\r\n', '\r')}`],
    ['Windows-1252', latin],
    ['UTF-16 with its mark', wide],
    ['UTF-16, the other way round', swapped],
    ['UTF-16 without its mark', wide.subarray(2)],
    [
      'Dutch column names',
      semicolon.replace(HEADER.replaceAll(',', ';'), 'Gebruikersnaam;Voornaam;Achternaam;E-mailadres;Taal'),
    ],
    [
      'French column names',
      semicolon.replace(HEADER.replaceAll(',', ';'), "Nom d'utilisateur;Prénom;Nom;Adresse e-mail;Langue"),
    ],
    [
      'German column names',
      semicolon.replace(HEADER.replaceAll(',', ';'), 'Benutzername;Vorname;Nachname;E-Mail-Adresse;Sprache'),
    ],
  ])('the same people come from %s', async (_, content) => {
    const company = await aCompany();
    const { at } = await aManager(company);
    const page = await upload(at, content);
    expect(textOf(page)).toContain('Can be created 2');
    await confirm(at, page);
    const names = await query<{ name: string }>(
      `select document ->> 'displayName' as name from users where organization_id = $1 and user_name in ('anna', 'rene') order by user_name`,
      [company.id],
    );
    expect(names.map(({ name }) => name)).toEqual(['Anna Peeters', 'René Müller']);
  });

  it.each([
    ['an empty file', '', 'Choose a file.'],
    ['a header alone', HEADER, 'holds no rows'],
    [
      'a column nobody knows',
      csv(line('anna')).replace('language', 'shoe size'),
      'The column "shoe size" is not known.',
    ],
    ['a missing column', 'userName,givenName\nanna,Anna', 'The column Last name is missing.'],
    [
      'a column twice',
      `${HEADER},email\n${line('anna', ',x@company.example')}`,
      'The column E-mail address is there twice.',
    ],
    [
      'a quotation mark that is not closed',
      csv('"anna,A,B,a@b.example,nl'),
      'In line 2 a quotation mark is opened and not closed.',
    ],
    [
      'text after a quotation mark',
      csv('"anna"x,A,B,a@b.example,nl'),
      'In line 2 text follows a closing quotation mark.',
    ],
    [
      'more cells than columns',
      csv(line('anna'), line('bert', ',extra')),
      'Line 3 has more cells than there are columns.',
    ],
    ['a cell without end', csv(`${'x'.repeat(2001)},A,B,a@b.example,nl`), 'In line 2 a cell is longer'],
    ['a spreadsheet', Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), 'This is a spreadsheet.'],
    ['a picture', Buffer.from([0x89, 0x50, 0, 1, 2, 3, 0, 9]), 'This is not a text file.'],
    [
      'letters of no known encoding',
      Buffer.concat([Buffer.from(csv('')), Buffer.from([0x81, 0x8d, 0xff])]),
      'cannot be read for sure',
    ],
    [
      'one row too many',
      csv(...Array.from({ length: 100_001 }, (_, i) => `u${i},A,B,u@b.example,nl`)),
      'more than 100,000 rows',
    ],
  ])('%s is refused with a sentence, and nothing of it stays', async (_, content, sentence) => {
    const company = await aCompany();
    const { at } = await aManager(company);
    const page = await upload(at, content);
    expect(page.status).toBe(422);
    expect(errorsOf(page).join(' ')).toContain(sentence);
    expect(await rowsLeft(company)).toBe(0);
  });

  it('two million rows are refused at once', async () => {
    const company = await aCompany();
    const { at } = await aManager(company);
    const page = await upload(at, Buffer.from(`${HEADER}\n${'u,A,B,u@b.example,nl\n'.repeat(2_000_000)}`));
    expect(page.status).toBe(413);
    expect(errorsOf(page).join(' ')).toContain('The file is larger than 20 MB.');
  });
});

describe('an import over the API', () => {
  it('does what the page does', async () => {
    const company = await aCompany();
    const { token } = await createApiToken(company.operator, { name: 'test', roles: ['owner'] });
    const at = `${hub.origin}/api/v1/organizations/${company.id}/imports`;
    const ask = async (method: string, path = '', body?: unknown) => {
      const answer = await fetch(`${at}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return {
        status: answer.status,
        body: (await answer.json()) as Record<string, unknown> & { items: Record<string, unknown>[] },
      };
    };
    const faulty = await ask('POST', '', { content: 'shoe\n1' });
    expect(faulty.status).toBe(400);
    expect(faulty.body['details']).toMatchObject({ issues: [{ path: 'file', code: 'unknown_column', name: 'shoe' }] });
    const made = await ask('POST', '', { fileName: 'hr.csv', content: csv(line('anna'), line('bert'), 'x,,,,') });
    expect(made).toMatchObject({ status: 201, body: { state: 'checked', rows: 3, refused: 1, created: 0 } });
    const id = String(made.body['id']);
    expect((await ask('GET', `/${id}/errors`)).body.items).toMatchObject([
      { line: 4, cells: ['x', '', '', '', ''], faults: [{ path: 'givenName', code: 'missing' }, {}, {}] },
    ]);
    expect((await ask('POST', `/${id}/confirm`)).body).toMatchObject({ state: 'running' });
    await until('it has finished', async () =>
      (await ask('GET', `/${id}`)).body['state'] === 'finished' ? true : undefined,
    );
    expect((await ask('POST', `/${id}/confirm`)).status).toBe(409);
    expect((await ask('GET')).body.items).toMatchObject([{ id, created: 2 }]);
    expect(await peopleOf(company)).toEqual(['anna', 'bert']);
  });
});
