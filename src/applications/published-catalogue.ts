// The catalogue in use: the files that the hub came with (version 0 of each application), and over them the last published
// version of each application from the database. What another process publishes is seen here within a second.
import type { Logger } from 'pino';
import { query } from '../database/query.ts';
import { catalogueOf, checkSource, readSources, type Source } from './catalogue.ts';
import { setCatalogue } from './current-catalogue.ts';

type Started = { readonly files: ReadonlyMap<string, Source>; loaded: string };
type Version = { readonly application: string; readonly version: number };

const CHECK_MS = 1000;
let started: Started | undefined;
let checkedAt = 0;
let checking: Promise<void> | undefined;

/** Reads the files and uses them. Call once at start. Throws CatalogueError. */
export async function startCatalogue(directory: string): Promise<void> {
  const sources = await readSources(directory);
  setCatalogue(catalogueOf(sources));
  const byKey = sources.flatMap((source) => {
    const { application } = checkSource(source);
    return application ? [[application.key, source] as const] : [];
  });
  started = { files: new Map(byKey), loaded: '' };
}

const versionsNow = () =>
  query<Version>(
    'select application, max(version)::int as version from application_versions group by application order by application',
  );

/** The texts in use now, the published ones over the files. */
export async function currentSources(): Promise<Map<string, Source>> {
  const published = await query<{ application: string; source: string; version: number }>(
    `select distinct on (application) application, source, version from application_versions order by application, version desc`,
  );
  const sources = new Map(started?.files ?? []);
  for (const { application, source, version } of published)
    sources.set(application, { file: `${application} (version ${version})`, text: source });
  return sources;
}

/** Looks now. The published versions are in use afterwards. */
export async function refreshCatalogue(): Promise<void> {
  if (!started) return;
  checkedAt = performance.now();
  const versions = (await versionsNow()).map(({ application, version }) => `${application} ${version}`).join(',');
  if (versions === started.loaded) return;
  setCatalogue(catalogueOf([...(await currentSources()).values()]));
  started.loaded = versions;
}

/** Looks once a second at most; never throws, since the catalogue that is in use goes on working. */
export async function keepCatalogue(log: Logger): Promise<void> {
  if (performance.now() - checkedAt < CHECK_MS) return checking;
  checkedAt = performance.now();
  checking = refreshCatalogue().catch((error: unknown) =>
    log.warn({ err: error }, 'the catalogue could not be read again'),
  );
  await checking;
}
