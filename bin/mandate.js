#!/usr/bin/env node
// `npx mandate`: runs the command line on the Node that the project pins, whatever the machine's own is.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LEAST_MAJOR = 24;
const own = Number(process.versions.node.split('.')[0]);
const pinned = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

const { status, error } = spawnSync(own >= LEAST_MAJOR ? process.execPath : pinned, [cli, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
if (error)
  console.error(
    `mandate: Node ${LEAST_MAJOR} or later is needed, and the project's own did not start (${error.message}). Run npm ci first.`,
  );
process.exitCode = status ?? 2;
