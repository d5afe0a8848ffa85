// Puts an answer together from stored JSON text: id, meta (RFC 7643 section 3.1) and what is joined at read are
// appended, and nothing is parsed unless the client asked for a part only (RFC 7644 section 3.9).
import type { Document } from '../provisioning/attribute.ts';
import { project, type Selection } from './project.ts';

export const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

type Rendered = { id: string; version: number; createdAt: Date; updatedAt: Date; document: string };

/** The resource without its closing brace, so that more can follow. */
function openResource(type: 'User' | 'Group', resource: Rendered, baseUrl: string): string {
  const { id, version, createdAt, updatedAt, document } = resource;
  // Nothing in it needs escaping but the quotes of the tag, and a page has 200 of them.
  const meta =
    `{"resourceType":"${type}","created":"${createdAt.toISOString()}","lastModified":"${updatedAt.toISOString()}",` +
    `"location":"${baseUrl}/${type}s/${id}","version":"W/\\"${version}\\""}`;
  return `${document.slice(0, -1)},"id":"${id}","meta":${meta}`;
}

/** `groups` is the JSON text of the read-only attribute, or null. */
export function renderUser(resource: Rendered, groups: string | null, baseUrl: string, selection: Selection): string {
  const text = `${openResource('User', resource, baseUrl)}${groups === null ? '' : `,"groups":${groups}`}}`;
  return selection.plain ? text : JSON.stringify(project(JSON.parse(text) as Document, selection));
}

const asMembers = (members: readonly object[], baseUrl: string, selection: Selection): string[] => {
  const shown = members.map((member) => {
    const { value, display, type } = member as { value: string; display: string | null; type: string };
    return { value, $ref: `${baseUrl}/${type}s/${value}`, type, ...(display === null ? {} : { display }) };
  });
  const kept = selection.plain
    ? shown
    : ((project({ members: shown }, selection)['members'] as typeof shown | undefined) ?? []);
  return kept.map((member) => JSON.stringify(member));
};

/** A group with its members in pieces; `members` is empty where they are not wanted. */
export async function* renderGroup(
  resource: Rendered,
  members: AsyncIterable<readonly object[]> | undefined,
  baseUrl: string,
  selection: Selection,
): AsyncGenerator<string> {
  const text = `${openResource('Group', resource, baseUrl)}}`;
  const own = selection.plain ? text : JSON.stringify(project(JSON.parse(text) as Document, selection));
  yield own.slice(0, -1);
  let opened = false;
  for await (const chunk of members ?? []) {
    const texts = asMembers(chunk, baseUrl, selection);
    if (texts.length === 0) continue;
    yield `${opened ? ',' : `${own === '{}' ? '' : ','}"members":[`}${texts.join(',')}`;
    opened = true;
  }
  yield opened ? ']}' : '}';
}

/** The head of a ListResponse; the resources and `]}` follow. */
export const openList = (total: number, startIndex: number, returned: number): string =>
  `{"schemas":["${LIST_SCHEMA}"],"totalResults":${total},"startIndex":${startIndex},"itemsPerPage":${returned},"Resources":[`;
