// /ServiceProviderConfig, /Schemas and /ResourceTypes (RFC 7644 section 4). They hold nothing of an organization.
import { MAX_OPERATIONS, MAX_PAYLOAD } from './bulk.ts';
import { CURSOR_TIMEOUT } from './cursor.ts';
import { byId, resourceTypes, schemas, serviceProviderConfig } from './discovery.ts';
import { ScimError, notAllowed } from './errors.ts';
import type { Answer } from './exchange.ts';
import { DEFAULT_COUNT } from './list-query.ts';
import { LIST_SCHEMA } from './render.ts';

const json = (value: unknown): Answer => ({ status: 200, body: JSON.stringify(value) });

function collection(resources: readonly { readonly id?: string }[], id: string | undefined): Answer {
  if (id === undefined) {
    return json({
      schemas: [LIST_SCHEMA],
      totalResults: resources.length,
      startIndex: 1,
      itemsPerPage: resources.length,
      Resources: resources,
    });
  }
  const found = byId(resources, id);
  if (!found) throw new ScimError(404, undefined, `There is no ${id} here.`);
  return json(found);
}

/** Undefined where the path is none of the three. A filter is refused, as the RFC asks: the lists are always whole. */
export function discover(
  path: readonly string[],
  { method, query, baseUrl }: { method: string; query: URLSearchParams; baseUrl: string },
): Answer | undefined {
  const [endpoint, id] = path;
  if (path.length > 2 || !endpoint || !['ServiceProviderConfig', 'Schemas', 'ResourceTypes'].includes(endpoint))
    return undefined;
  if (method !== 'GET') throw notAllowed(method, ['GET']);
  if (query.has('filter'))
    throw new ScimError(403, undefined, 'This endpoint cannot be filtered (RFC 7644 section 4).');
  if (endpoint === 'Schemas') return collection(schemas(baseUrl), id);
  if (endpoint === 'ResourceTypes') return collection(resourceTypes(baseUrl), id);
  return json(
    serviceProviderConfig(baseUrl, {
      defaultPageSize: DEFAULT_COUNT,
      cursorTimeout: CURSOR_TIMEOUT,
      bulk: { maxOperations: MAX_OPERATIONS, maxPayloadSize: MAX_PAYLOAD },
    }),
  );
}
