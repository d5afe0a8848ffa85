#!/usr/bin/env node
// The operator's command line, `mandate <noun> <verb>`: a thin client of the management API. Process entry only.
import { runCli } from './cli/run.ts';
import { cliEnvironment } from './config.ts';

process.exitCode = await runCli(process.argv.slice(2), {
  environment: cliEnvironment(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  stdin: process.stdin,
});
