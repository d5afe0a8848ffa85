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
/** Where customer service is reached: a page, a mailbox, or a telephone number as people write it (RFC 3966). */
function contactHref(contact: string): string {
  if (/^https?:\/\//i.test(contact)) return contact;
  if (contact.includes('@')) return `mailto:${contact}`;
  const number = contact.replaceAll(/[^+\d]/g, '');
  return number.length >= 3 ? `tel:${number}` : contact;
}

/** The logo among the static files; the settings know that it is a picture. */
async function readLogo(file: string | null): Promise<Record<string, Buffer>> {
  if (file === null) return {};
  const type = path.extname(file).toLowerCase();
  return { [`logo${type.replace('jpeg', 'jpg')}`]: await readFile(file) };
}

export async function createSite(config: Config, keys: SigningKeys): Promise<Site> {
  const { brand: set, contact } = config;
  const logo = await readLogo(set.logo);
  const [logoName] = Object.keys(logo);
  const brand: Brand = {
    name: set.name,
    accent: set.accent,
    radius: Number.parseInt(set.radius, 10),
    ...(logoName === undefined ? {} : { logo: `/assets/${logoName}` }),
  };
  const assets = await loadAssets(folder('public'), {
    ...logo,
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
      ...(contact.customer_service === null ? {} : { customerService: contactHref(contact.customer_service) }),
      ...(contact.privacy_url === null ? {} : { privacy: contact.privacy_url }),
    },
    texts: await loadTexts(folder('locales')),
    views: await loadViews({ folder: folder('views'), cache: config.production }),
    assets,
    timeZone: config.time_zone,
  };
}
