// Rewrites the README's table of settings from the schema: `node test/support/write-settings-table.ts`.
import { readFile, writeFile } from 'node:fs/promises';
import { settings } from '../../src/config.ts';

const file = new URL('../../README.md', import.meta.url);
const rows = settings().map(
  ({ env, default: value, description }) =>
    `| \`${env}\` | ${value === null ? '' : `\`${String(value)}\``} | ${description} |`,
);
const table = ['| setting | default | meaning |', '|---|---|---|', ...rows].join('\n');
const readme = await readFile(file, 'utf8');
await writeFile(file, readme.replace(/(<!-- settings -->\n)[\s\S]*(\n<!-- \/settings -->)/, `$1${table}$2`));
