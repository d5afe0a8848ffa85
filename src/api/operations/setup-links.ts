// Links with which a colleague without an account sets a provisioning connection up.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { instant, pageOf, pageQuery, text } from '../shapes.ts';

const CONNECTION = '/organizations/{organization}/connections/{connection}';
const EXAMPLE = '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c5-1122-7334-8556-c03b4c5d6eb9';

export const setupLinkOperations = operations({
  'setup-link.create': {
    noun: 'setup-link',
    verb: 'create',
    method: 'post',
    path: `${CONNECTION}/setup-links`,
    summary:
      'Makes a link that opens the set-up of this connection, and nothing else, for seven days. It is shown this once; at most three.',
    needs: 'provisioning.write',
    body: z.strictObject({ holder: text(200).meta({ description: 'For whom it is, as the history shows it.' }) }),
    answer: z.object({ id: z.string(), url: z.string(), expiresAt: instant }),
    status: 201,
    refusals: ['too_many'],
    example: `${EXAMPLE} --holder "Jan of IT"`,
  },
  'setup-link.list': {
    noun: 'setup-link',
    verb: 'list',
    method: 'get',
    path: `${CONNECTION}/setup-links`,
    summary:
      'Lists the set-up links of a connection, revoked and expired ones too; their addresses are never answered.',
    needs: 'provisioning.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(
      z
        .object({
          id: z.string(),
          holder: z.string(),
          createdAt: instant,
          createdBy: z.string(),
          expiresAt: instant,
          revokedAt: instant.nullable(),
          lastVisitAt: instant.nullable(),
        })
        .meta({ id: 'SetupLink' }),
    ),
    example: EXAMPLE,
  },
  'setup-link.revoke': {
    noun: 'setup-link',
    verb: 'revoke',
    method: 'delete',
    path: `${CONNECTION}/setup-links/{setupLink}`,
    summary: 'Revokes a set-up link at once, also for whoever has a page of it open. Tokens issued with it stay.',
    needs: 'provisioning.end',
    example: `${EXAMPLE} 019391c5-3344-7556-a778-d14c5d6e7fca`,
  },
});
