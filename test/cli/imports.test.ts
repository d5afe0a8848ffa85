// The command line is a client: what it loads at start is the table of operations, not the server.
import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = new URL('../../src/', import.meta.url).pathname;

/** Everything that is loaded with a file; types and dynamic imports are not. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!existsSync(file)) return seen;
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm,
  )) {
    loadedWith(name.startsWith('.') ? join(dirname(file), name) : name, seen);
  }
  return seen;
}

describe('the command line', () => {
  it('loads no server and no database', () => {
    const loaded = [...loadedWith(join(root, 'cli.ts'))];
    expect(loaded.length).toBeGreaterThan(15);
    expect(loaded.filter((name) => /\/(database|web|oidc|scim|portal|handlers)\//.test(name))).toEqual([]);
    expect(loaded.filter((name) => ['express', 'pg', 'sequelize', 'oidc-provider', 'argon2'].includes(name))).toEqual(
      [],
    );
  });
});
