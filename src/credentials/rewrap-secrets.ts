// Moves what was sealed under the former secrets key to the present one, in portions: each is a transaction of its own, so
// a stop in between loses nothing and the next run goes on. Rows that others change meanwhile are met again. Also tells at
// start whether everything that is stored can be opened at all.
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { keepFormerPepper } from './former-peppers.ts';
import { secrets, SecretsKeyError } from './secrets.ts';

type Row = { readonly sealed: Buffer; readonly id: readonly string[] };
type Place = {
  readonly table: string;
  /** Its primary key. */
  readonly key: readonly string[];
  readonly column: string;
  /** As it was given to `seal`. */
  readonly label: (id: readonly string[]) => string;
  /** Rows that hold something sealed. */
  readonly where: string;
};

/** Every column that is sealed and stays: each has secrets_key_id beside it. */
export const SEALED: readonly Place[] = [
  { table: 'signing_keys', key: ['kid'], column: 'private_key', label: ([kid]) => `signing key ${kid}`, where: 'true' },
  {
    table: 'totp_factors',
    key: ['organization_id', 'user_id'],
    column: 'seed',
    label: ([organizationId, userId]) => `totp ${organizationId} ${userId}`,
    where: 'true',
  },
  {
    table: 'mails',
    key: ['organization_id', 'id'],
    column: 'body',
    label: ([, id]) => `mail ${id}`,
    where: 'body is not null',
  },
  { table: 'former_peppers', key: ['key_id'], column: 'pepper', label: ([id]) => `pepper ${id}`, where: 'true' },
];

const PORTION = 500;
const MOST_AT_ONCE = 20_000;

/** One portion of one table; how many rows it moved. */
const movePortion = ({ table, key, column, label, where }: Place): Promise<number> =>
  transaction(async () => {
    const { keyId, open, seal } = secrets();
    const id = key.map((name) => `${name}::text`).join(', ');
    const rows = await query<Row>(
      `select array[${id}] as id, ${column} as sealed from ${table} where secrets_key_id <> $1 and ${where}
       limit ${PORTION} for update skip locked`,
      [keyId],
    );
    if (rows.length === 0) return 0;
    const moved = rows.map((row) => seal(open(row.sealed, label(row.id)), label(row.id)));
    const keys = key.map((name, i) => `(t.${name})::text = n.k${i}`).join(' and ');
    const columns = key.map((_, i) => `k${i}`).join(', ');
    await query(
      `update ${table} t set ${column} = n.sealed, secrets_key_id = $1
       from unnest($2::bytea[], ${key.map((_, i) => `$${i + 3}::text[]`).join(', ')}) as n (sealed, ${columns}) where ${keys}`,
      [keyId, moved, ...key.map((_, i) => rows.map((row) => row.id[i]))],
    );
    return rows.length;
  });

async function remaining(): Promise<number> {
  let count = 0;
  for (const { table, where } of SEALED) {
    const row = await queryOne<{ n: number }>(
      `select count(*)::int as n from ${table} where secrets_key_id <> $1 and ${where}`,
      [secrets().keyId],
    );
    count += row?.n ?? 0;
  }
  return count;
}

type Rewrapped = {
  readonly keyId: string;
  readonly rewrapped: number;
  /** Still under another key: call again. At 0 the former key may go. */
  readonly remaining: number;
};

/**
 * Moves at most 20,000 rows in one call. For the operator. Throws HubError `conflict` where something is left and the key that
 * opens it was not given.
 */
export async function rewrapSecrets(ctx: Ctx): Promise<Rewrapped> {
  const { keyId, former } = secrets();
  if (!former && (await remaining()) > 0)
    throw new HubError('conflict', 'The former secrets key was not given: start the hub with FORMER_SECRETS_KEY.');
  await keepFormerPepper(ctx.now);
  let rewrapped = 0;
  for (const place of SEALED) {
    for (let moved = PORTION; moved === PORTION && rewrapped < MOST_AT_ONCE;) {
      moved = await movePortion(place);
      rewrapped += moved;
    }
  }
  const left = await remaining();
  if (rewrapped > 0)
    await recordAudit(ctx, {
      action: 'keys.rewrapped',
      targetKind: 'keys',
      targetId: keyId,
      organizationId: OPERATOR_ORGANIZATION_ID,
      after: { rewrapped, remaining: left },
    });
  return { keyId, rewrapped, remaining: left };
}

/** Throws SecretsKeyError when something stored was sealed under a key that is neither the present nor the former one. */
export async function checkSealedSecrets(): Promise<void> {
  const { keyId, former } = secrets();
  const known = [keyId, ...(former ? [former.keyId] : [])];
  for (const { table, where } of SEALED) {
    const foreign = await queryOne<{ secrets_key_id: string }>(
      `select secrets_key_id from ${table} where secrets_key_id <> all($1) and ${where} limit 1`,
      [known],
    );
    if (!foreign) continue;
    throw new SecretsKeyError(
      `The secrets key does not open what is stored: ${table} was written with key ${foreign.secrets_key_id}, this is key ${keyId}. ` +
        'Give that key by SECRETS_KEY or SECRETS_KEY_FILE (embedded engine: secrets.key in DATA_DIR). To replace it, give the new ' +
        'one there and that one by FORMER_SECRETS_KEY until "mandate keys rewrap" has nothing left.',
    );
  }
}
