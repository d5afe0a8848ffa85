// What the click takes that withdraws a mandate on which 10,000 people of the sub-contractor depend: a whole hub with the
// demonstration's companies, the mail house made large, and the giver's chief in the portal.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { artefactHash } from '../../src/credentials/artefact-hash.ts';
import { readDemoFile } from '../../src/demo/demo-file.ts';
import { createHome, startHub } from '../hub-process.ts';
import { quantile } from '../measure.ts';
import type { Row } from '../report.ts';

export const MANDATE_SCENARIOS = ['mandate-withdrawal'] as const;

const PEOPLE = 10_000;
const CLICKS = 110;
const WARM_UP = 10;
const BUDGET_MS = 50;

type Mandate = { id: string; giver: string; receiver: string; account: string };

/** A mandate that the owner gave and that somebody of the receiver uses. */
const USED = `select m.id, m.giver_organization_id as giver, m.receiver_organization_id as receiver, m.customer_account_id as account
  from mandates m where m.parent_id is null and m.ended_at is null and exists (select 1 from assignments a where
    a.organization_id = m.receiver_organization_id and a.customer_account_id = m.customer_account_id and a.subject_kind = 'user') limit 1`;

/** Everybody new holds what one of the receiver's people holds under the mandate. */
const PEOPLE_BELOW = `with model as (
    select a.* from assignments a where a.organization_id = $1 and a.customer_account_id = $2 and a.subject_kind = 'user' limit 1
  ), people as (
    insert into users (organization_id, id, user_name, user_name_key, document, folded, created_by)
    select $1, x, x::text, x::text, jsonb_build_object('userName', x::text), '{}', '{}' from unnest($3::uuid[]) x returning id
  )
  insert into assignments (organization_id, id, subject_kind, subject_id, application, customer_account_id, "values", given_by, given_at)
  select $1, gen_random_uuid(), 'user', people.id, model.application, model.customer_account_id, model."values", model.given_by, model.given_at
  from people, model`;

async function makeLarge(client: pg.Client): Promise<{ mandate: Mandate; session: string }> {
  const { rows } = await client.query<Mandate>(USED);
  const [mandate] = rows;
  if (!mandate) throw new Error('The demonstration has no mandate that is used');
  const ids = Array.from({ length: PEOPLE }, () => uuidv7());
  await client.query(PEOPLE_BELOW, [mandate.receiver, mandate.account, ids]);
  await client.query('analyze');
  const session = randomBytes(16).toString('base64url');
  await client.query(
    `insert into oidc_artefacts (model, id_hash, payload, organization_id, user_id, uid, issued_at, expires_at)
     select 'Session', $1, $2, $3, r.subject_id, $4, now(), now() + interval '1 hour' from administration_rights r
     where r.organization_id = $3 and r.name = 'chief_administrator' and r.subject_kind = 'user' and r.ended_at is null limit 1`,
    [artefactHash(session), { loginTs: Math.floor(Date.now() / 1000) }, mandate.giver, uuidv7()],
  );
  return { mandate, session };
}

type Api = { url: string; headers: Record<string, string> };

async function answered(answer: Response, status: number): Promise<string> {
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`${answer.url} answered ${answer.status}: ${text.slice(0, 300)}`);
  return text;
}

type Terms = { id: string; boxes: unknown; onward: number };

async function termsOf({ url, headers }: Api, id: string): Promise<Terms> {
  const { items } = JSON.parse(await answered(await fetch(`${url}?side=given`, { headers }), 200)) as {
    items: Terms[];
  };
  const found = items.find((one) => one.id === id);
  if (!found) throw new Error(`The API does not list the mandate ${id}`);
  return found;
}

/** Gives the same again; its id. */
async function giveAgain({ url, headers }: Api, terms: string): Promise<string> {
  const given = await answered(await fetch(url, { method: 'POST', headers, body: terms }), 201);
  return (JSON.parse(given) as { id: string }).id;
}

async function click(origin: string, headers: Record<string, string>, id: string, csrf: string): Promise<number> {
  const begun = performance.now();
  const body = new URLSearchParams({ csrf });
  const init = { method: 'POST', headers, body, redirect: 'manual' } as const;
  await answered(await fetch(`${origin}/portal/mandates/${id}/withdraw`, init), 303);
  return performance.now() - begun;
}

export async function runWithdrawal(scenarios: readonly string[]): Promise<Row[]> {
  if (scenarios.length === 0) return [];
  console.log('mandate-withdrawal ...');
  const home = await createHome('postgres');
  const hub = await startHub('demo', home);
  const client = new pg.Client(home.env['DATABASE_URL']);
  try {
    await client.connect();
    const { operator } = await readDemoFile(home.dataDir);
    const { mandate, session } = await makeLarge(client);
    const api: Api = {
      url: `${hub.origin}/api/v1/organizations/${mandate.giver}/mandates`,
      headers: { authorization: `Bearer ${operator.apiToken}`, 'content-type': 'application/json' },
    };
    const { boxes, onward } = await termsOf(api, mandate.id);
    const { receiver, account } = mandate;
    const terms = JSON.stringify({ customerAccountId: account, receiverOrganizationId: receiver, boxes, onward });
    const visitor = { accept: 'text/html', cookie: `session=${session}; language=en` };
    const page = await answered(await fetch(`${hub.origin}/portal/mandates`, { headers: visitor }), 200);
    const csrf = /name="csrf" value="([^"]*)"/.exec(page)?.[1] ?? '';
    const times: number[] = [];
    for (let [n, id] = [0, mandate.id]; n < CLICKS; n++, id = await giveAgain(api, terms))
      times.push(await click(hub.origin, visitor, id, csrf));
    const warm = times.slice(WARM_UP).sort((a, b) => a - b);
    const [p50, p99] = [quantile(warm, 0.5), quantile(warm, 0.99)];
    const on = `${PEOPLE} people below`;
    const figures = { rate: 1000 / p50, p50, p99, cpu: NaN };
    return [{ scenario: 'mandate-withdrawal', on, figures, value: p99, budget: `p99 < ${BUDGET_MS} ms`, ok: p99 < BUDGET_MS }]; // prettier-ignore
  } finally {
    await client.end();
    await hub.stop();
    await home.remove();
  }
}
