// Whoever designs a page sees his change at the next request, without a restart; in production nothing is looked for.
import { mkdtemp, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadViews } from '../../src/web/views.ts';

let folder: string;
let written = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mandate-views-'));
  for (const name of ['layout', 'partials', 'area']) await mkdir(join(folder, name));
  await write('layout/plain', '<%- include(page.view) %>');
  await write('partials/name', 'first');
  await write('area/page', "<%# layout: plain\ntitle: a:b %>Hello <%- include('/partials/name') %>");
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<void> {
  await writeFile(join(folder, `${name}.ejs`), text);
  // Two writes within one tick of the clock are two changes here.
  await utimes(join(folder, `${name}.ejs`), 1_800_000_000, 1_800_000_000 + ++written);
}
const page = async (cache: boolean) => {
  const views = await loadViews({ folder, cache });
  return () => views.html('layout/plain', { page: { view: '/area/page' } }).trim();
};

describe('an edited template', () => {
  it('is seen at the next use in development, also where another page includes it', async () => {
    const html = await page(false);
    expect([html(), html()]).toEqual(['Hello first', 'Hello first']);
    await write('partials/name', 'second');
    expect(html()).toBe('Hello second');
    await write('area/page', "<%# layout: plain\ntitle: a:b %>Goodbye <%- include('/partials/name') %>");
    expect(html()).toBe('Goodbye second');
  });

  it('waits for the next start in production', async () => {
    const html = await page(true);
    expect(html()).toBe('Hello first');
    await write('partials/name', 'second');
    expect(html()).toBe('Hello first');
  });
});
