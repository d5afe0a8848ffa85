// What every page is made with, put together once at start from the settings: texts, views, assets, brand, links.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../config.ts';
import { brandMark, brandStylesheet, type Brand } from './brand.ts';
import type { SigningKeys } from './cookies.ts';
import type { Site } from './render.ts';
import { loadAssets } from './static.ts';
import { loadTexts } from '../texts.ts';
import { loadViews } from './views.ts';

const folder = (name: string) => new URL(`../../${name}/`, import.meta.url).pathname;
const LOGO_TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
};

/** The logo as a data address, which the content security policy allows for images. Throws for a file of another kind. */
async function readLogo(file: string): Promise<string> {
  const type = LOGO_TYPES[path.extname(file).toLowerCase()];
  if (!type) throw new Error('brand.logo: must be a PNG, JPEG or WebP file');
  return `data:${type};base64,${(await readFile(file)).toString('base64')}`;
}

export async function createSite(config: Config, keys: SigningKeys): Promise<Site> {
  const { brand: set, contact } = config;
  const logo = set.logo === null ? undefined : await readLogo(set.logo);
  const brand: Brand = {
    name: set.name,
    accent: set.accent,
    radius: Number.parseInt(set.radius, 10),
    ...(logo ? { logo } : {}),
  };
  const assets = await loadAssets(folder('public'), {
    'brand.css': brandStylesheet(brand),
    'mark.svg': brandMark(brand),
  });
  return {
    publicUrl: config.public_url,
    defaultLanguage: config.default_language,
    keys,
    brand,
    links: {
      home: '/',
      ...(contact.help_url === null ? {} : { help: contact.help_url }),
      ...(contact.customer_service === null ? {} : { customerService: contact.customer_service }),
      ...(contact.privacy_url === null ? {} : { privacy: contact.privacy_url }),
    },
    texts: await loadTexts(folder('locales')),
    views: await loadViews({ folder: folder('views'), cache: config.production }),
    assets,
    timeZone: config.time_zone,
  };
}
