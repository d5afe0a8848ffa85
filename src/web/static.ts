// The hub's few static files: read, compressed and hashed once at start, served from memory. An address with the hash
// of the content (`/assets/app.css?v=...`) may be kept for a year; without it the browser asks again by ETag.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { RequestHandler } from 'express';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.jpg': 'image/jpeg',
  '.txt': 'text/plain; charset=utf-8',
};

type Asset = {
  readonly type: string;
  readonly hash: string;
  readonly plain: Buffer;
  readonly packed: ReadonlyMap<string, Buffer>;
};

export type Assets = {
  /** Address of a file by its name, with its hash. Throws for a name that is not there: a typing error in a view. */
  readonly url: (name: string) => string;
  /** To be mounted at `/assets`. */
  readonly handler: RequestHandler;
};

/** @param generated files that are made rather than read, by name; they win over a file of the same name. */
export async function loadAssets(
  folder: string,
  generated: Readonly<Record<string, string | Buffer>> = {},
): Promise<Assets> {
  const contents = new Map<string, Buffer>();
  for (const file of await readdir(folder)) {
    if (path.extname(file) in TYPES) contents.set(file, await readFile(path.join(folder, file)));
  }
  for (const [name, content] of Object.entries(generated)) contents.set(name, Buffer.from(content));
  const assets = new Map<string, Asset>();
  for (const [name, content] of contents) assets.set(name, await prepare(name, content));

  return {
    url: (name) => {
      const asset = assets.get(name);
      if (!asset) throw new Error(`There is no asset ${name}`);
      return `/assets/${name}?v=${asset.hash}`;
    },
    handler: (req, res, next) => {
      const asset = assets.get(req.path.slice(1));
      if (!asset || (req.method !== 'GET' && req.method !== 'HEAD')) return next();
      res.set('Content-Type', asset.type);
      res.set('Vary', 'Accept-Encoding');
      res.set('Cache-Control', req.query['v'] === asset.hash ? 'public, max-age=31536000, immutable' : 'no-cache');
      const encoding = req.acceptsEncodings(...asset.packed.keys(), 'identity');
      const packed = encoding === false ? undefined : asset.packed.get(encoding);
      if (packed) res.set('Content-Encoding', String(encoding));
      res.set('ETag', `"${asset.hash}${packed ? `-${String(encoding)}` : ''}"`);
      if (req.fresh) return void res.status(304).end();
      res.send(packed ?? asset.plain);
    },
  };
}

async function prepare(name: string, plain: Buffer): Promise<Asset> {
  const type = TYPES[path.extname(name)] ?? 'application/octet-stream';
  const packed = new Map<string, Buffer>();
  if (/^text|svg/.test(type)) {
    packed.set('br', await promisify(brotliCompress)(plain));
    packed.set('gzip', await promisify(gzip)(plain));
  }
  return { type, hash: createHash('sha256').update(plain).digest('base64url').slice(0, 16), plain, packed };
}
