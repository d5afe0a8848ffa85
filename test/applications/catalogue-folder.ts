// A temporary folder with application files, for tests of the loader.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CatalogueError, loadCatalogue } from '../../src/applications/catalogue.ts';
import type { CatalogueFault } from '../../src/applications/catalogue.ts';

export const SHIPPED = new URL('../../config/applications/', import.meta.url).pathname;

/** Writes the files and returns the folder; the system cleans its temporary folder itself. */
export async function catalogueFolder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mandate-catalogue-'));
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)));
  return folder;
}

/** The faults that the loader finds in these files; none where it accepts them. */
export async function faultsOf(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<readonly CatalogueFault[]> {
  try {
    await loadCatalogue(await catalogueFolder(files));
    return [];
  } catch (error) {
    if (error instanceof CatalogueError) return error.faults;
    throw error;
  }
}
