// The EJS templates: found, read and compiled once; in development read again at each use. A page names its layout and
// title in the comment at its top, and the layout includes the page, so that no template ever prints unescaped text.
// Templates run in strict mode: the common values by name, the page's own as `locals.x`.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import ejs from 'ejs';

export type ViewHead = { readonly layout: string; readonly title: string };

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
  const first = await readTemplates(settings.folder);
  const compiled = new Map<string, ejs.TemplateFunction>();
  const templates = settings.cache ? first : new Map<string, string>();
  const source = (name: string) => {
    const text = templates.get(name) ?? (settings.cache ? undefined : ejs.fileLoader(path.join(settings.folder, `${name}.ejs`)));
    if (text === undefined) throw new Error(`There is no view ${name}`);
    return text.toString();
  };
  const compile = (name: string) => {
    const known = settings.cache ? compiled.get(name) : undefined;
    if (known) return known;
    const template = ejs.compile(source(name), {
      filename: name,
      strict: true,
      destructuredLocals: [...COMMON],
      // Client mode hands `include` to us: no file is touched while a page is rendered.
      client: true,
    });
    compiled.set(name, template);
    return template;
  };
  const html = (name: string, values: Readonly<Record<string, unknown>>): string => {
    const include = (other: string, more?: Readonly<Record<string, unknown>>) => html(other.replace(/^\//, ''), { ...values, ...more });
    return compile(name)(values, undefined, include);
  };
  const pages = [...first.keys()].filter((name) => !PARTS.test(name));
  for (const page of pages) readHead(page, source(page));
  return { pages, head: (page) => readHead(page, source(page)), html };
}

function readHead(page: string, text: string): ViewHead {
  const groups = HEAD.exec(text)?.groups;
  if (!groups?.['layout'] || !groups['title']) throw new Error(`The view ${page} does not begin with its layout and title`);
  return { layout: groups['layout'], title: groups['title'] };
}

async function readTemplates(folder: string): Promise<Map<string, string>> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ejs'));
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return new Map(files.map((file, index) => [file.slice(0, -'.ejs'.length).split(path.sep).join('/'), texts[index] ?? '']));
}
