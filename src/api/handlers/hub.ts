// The catalogue, the API's own tokens and the audit; see ../operations/hub.ts.
import { catalogue } from '../../applications/current-catalogue.ts';
import {
  FIXED_DIMENSIONS,
  type Application,
  type CatalogueValue,
  type FixedDimension,
} from '../../applications/application.ts';
import { listEvents } from '../../audit/list-events.ts';
import { applicationAudience } from '../../clients/audience.ts';
import type { Actor } from '../../context.ts';
import { HubError } from '../../errors.ts';
import { createApiToken, listApiTokens, revokeApiToken } from '../../organizations/api-token.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { hubOperations } from '../operations/hub.ts';
import { afterId, limitOf, page } from '../page.ts';

type ActorKind = Actor['kind'];

const shownValue = ({ key, label, means, retired, placeholder, requires }: CatalogueValue) => ({
  key,
  label,
  means: means ?? null,
  retired: retired === true,
  placeholder: placeholder === true,
  requires: requires ?? [],
});

const shown = (publicUrl: URL, application: Application) => {
  const fixed = FIXED_DIMENSIONS.filter((dimension: FixedDimension) => application.dimensions.includes(dimension));
  return {
    key: application.key,
    codes: application.codes,
    label: application.label,
    description: application.description ?? null,
    dimensions: application.dimensions,
    minimum: application.minimum,
    values: Object.fromEntries(fixed.map((dimension) => [dimension, application[dimension].map(shownValue)])),
    profiles: application.profiles,
    profilePrecedence: application.profilePrecedence,
    onlyMasterContracts: application.onlyMasterContracts,
    givesMandates: application.givesMandates ?? null,
    flatRights: application.flatRights,
    admit: application.admit,
    audience: applicationAudience(publicUrl, application.key),
  };
};

export const hubHandlers: Handlers<typeof hubOperations> = {
  'application.list': (_ctx, { query, publicUrl }) => {
    const all = [...catalogue().values()].map((application, place) => ({
      application,
      place: String(place).padStart(6, '0'),
    }));
    const { items, next } = page(all, query, ({ place }) => place);
    return Promise.resolve({ items: items.map(({ application }) => shown(publicUrl, application)), next });
  },
  'application.get': async (_ctx, { params, publicUrl }) => {
    const application = catalogue().get(params.application);
    if (!application) throw new HubError('not_found', `There is no application "${params.application}".`);
    return Promise.resolve(shown(publicUrl, application));
  },
  'api-token.create': (ctx, { body }) => createApiToken(ctx, compact(body)),
  'api-token.list': async (ctx, { query }) => {
    const { tokens, next } = await listApiTokens(ctx, { ...compact({ after: afterId(query) }), limit: limitOf(query) });
    return { items: tokens, next };
  },
  'api-token.revoke': (ctx, { params }) => revokeApiToken(ctx, params.apiToken),
  'audit-event.list': async (ctx, { query }) => {
    const { target: userId, kind, visit: visitId, from, until } = query;
    const filter = compact({ userId, kind, visitId, from, until, after: afterId(query) });
    const { events, next } = await listEvents(ctx, { ...filter, size: limitOf(query) });
    return {
      items: events.map((event) => ({ ...event, actor: { ...event.actor, kind: event.actor.kind as ActorKind } })),
      next,
    };
  },
};
