// The EJS templates: found, read and compiled once; in development again when a file has changed. A page names its layout and
// the key of its title in the comment at its top, and the layout includes the page, so that no template ever prints unescaped text.
// Templates run in strict mode: the common values by name, the page's own as `locals.x`.
import { readFileSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import ejs from 'ejs';

type ViewHead = { readonly layout: string; readonly title: string };

export type Views = {
  /** Names of all pages, such as `sign-in/sign-in`. */
  readonly pages: readonly string[];
  readonly head: (page: string) => ViewHead;
  /** Renders a template to text. Included templates see the same values. */
  readonly html: (template: string, values: Readonly<Record<string, unknown>>) => string;
};

/** The values that every template may use by name. */
export const COMMON = ['t', 'language', 'page', 'brand', 'asset', 'csrf', 'date', 'number'] as const;

const HEAD = /^<%#\s*layout: (?<layout>\S+)\s+title: (?<title>\S+)/;
const PARTS = /^(layout|partials|mail)\//;

/** @param cache false in development: a template that was edited is seen at the next request. */
export async function loadViews(settings: { readonly folder: string; readonly cache: boolean }): Promise<Views> {
  const { cache } = settings;
  const folder = path.resolve(settings.folder);
  const found = await readTemplates(folder);
  const file = (name: string) => path.join(folder, `${name}.ejs`);
  const source = (name: string) => {
    const template = found.get(name);
    if (template === undefined) throw new Error(`There is no view ${name}`);
    return cache ? template.text : latest(file(name), template);
  };
  // Includes are written from the views folder (`/partials/icon`), so no file is looked for while a page is rendered.
  const options: ejs.Options = {
    root: folder,
    cache: true,
    strict: true,
    destructuredLocals: [...COMMON],
    includer: (name) => ({ template: source(name.replace(/^\//, '')) }),
  };
  // What an earlier call has compiled, such as another test's.
  ejs.clearCache();
  const pages = [...found.keys()].filter((name) => !PARTS.test(name));
  for (const page of pages) readHead(page, source(page));
  return {
    pages,
    head: (page) => readHead(page, source(page)),
    html: (name, values) => ejs.render(source(name), { ...values }, { ...options, filename: file(name), async: false }),
  };
}

function readHead(page: string, text: string): ViewHead {
  const groups = HEAD.exec(text)?.groups;
  if (!groups?.['layout'] || !groups['title'])
    throw new Error(`The view ${page} does not begin with its layout and title`);
  return { layout: groups['layout'], title: groups['title'] };
}

type Template = { text: string; changedAt: number };

/** What the file holds now; where it was changed, it is compiled again. */
function latest(file: string, template: Template): string {
  const changedAt = statSync(file).mtimeMs;
  if (changedAt === template.changedAt) return template.text;
  ejs.clearCache();
  Object.assign(template, { text: readFileSync(file, 'utf8'), changedAt });
  return template.text;
}

async function readTemplates(folder: string): Promise<Map<string, Template>> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ejs'));
  const named = async (file: string): Promise<[string, Template]> => [
    file.slice(0, -'.ejs'.length).split(path.sep).join('/'),
    { text: await readFile(path.join(folder, file), 'utf8'), changedAt: 0 },
  ];
  return new Map(await Promise.all(files.map(named)));
}
