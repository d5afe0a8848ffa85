// The logo of an application: a picture that a browser draws and nothing that it runs. What it is is told by its first bytes,
// never by its name; SVG is not accepted, since it can hold script.
import { createHash } from 'node:crypto';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { findApplication } from './catalogue.ts';
import { catalogue } from './current-catalogue.ts';

const MOST_LOGO_BYTES = 256 * 1024;

type LogoType = 'image/png' | 'image/jpeg' | 'image/webp';
type Logo = { readonly mediaType: LogoType; readonly bytes: Buffer; readonly digest: string };

const begins = (bytes: Uint8Array, at: number, ...mark: number[]) => mark.every((byte, i) => bytes[at + i] === byte);

/** Undefined for anything else. */
export function pictureType(bytes: Uint8Array): LogoType | undefined {
  if (begins(bytes, 0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  if (begins(bytes, 0, 0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (begins(bytes, 0, 0x52, 0x49, 0x46, 0x46) && begins(bytes, 8, 0x57, 0x45, 0x42, 0x50)) return 'image/webp';
  return undefined;
}

/** Null takes it away. Throws HubError `not_permitted` (operator only), `unknown_application`, `invalid_input`. */
export function setLogo(ctx: Ctx, key: string, bytes: Uint8Array | null): Promise<void> {
  checkOperator(ctx);
  findApplication(catalogue(), key);
  const mediaType = bytes === null ? undefined : pictureType(bytes);
  if (bytes !== null && (mediaType === undefined || bytes.length > MOST_LOGO_BYTES)) {
    const message = 'A logo is a PNG, JPEG or WebP picture of at most 256 KB.';
    throw new HubError('invalid_input', message, { issues: [{ path: 'logo', message }] });
  }
  return transaction(async () => {
    if (bytes === null) await query('delete from application_logos where application = $1', [key]);
    else {
      await query(
        `insert into application_logos (application, media_type, bytes, digest, changed_at) values ($1, $2, $3, $4, $5)
         on conflict (application) do update set media_type = excluded.media_type, bytes = excluded.bytes, digest = excluded.digest,
           changed_at = excluded.changed_at`,
        [
          key,
          mediaType,
          Buffer.from(bytes),
          createHash('sha256').update(bytes).digest('base64url').slice(0, 16),
          ctx.now,
        ],
      );
    }
    await recordAudit(ctx, {
      action: bytes === null ? 'application.logo_removed' : 'application.logo_set',
      targetKind: 'application',
      targetId: key,
      organizationId: OPERATOR_ORGANIZATION_ID,
      after: { name: key, mediaType },
    });
  });
}

/** Anybody may see it. */
export const findLogo = (key: string): Promise<Logo | undefined> =>
  queryOne<Logo>('select media_type as "mediaType", bytes, digest from application_logos where application = $1', [
    key,
  ]);

/** The addresses of all logos, by application; an address changes with its picture. */
export async function logoAddresses(): Promise<ReadonlyMap<string, string>> {
  const rows = await query<{ application: string; digest: string }>(
    'select application, digest from application_logos',
  );
  return new Map(rows.map(({ application, digest }) => [application, `/logos/${application}?v=${digest}`]));
}
