import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mandate-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

const bin = new URL('../../bin/mandate.js', import.meta.url).pathname;

function mandate(
  args: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], {
      env: { PATH: process.env['PATH'], DATA_DIR: folder, ...environment },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

describe('the mandate program', () => {
  it('hands its exit code and texts on', async () => {
    const help = await mandate(['--help']);
    expect([help.code, help.err]).toEqual([0, '']);
    expect(help.out).toContain('Usage: mandate <noun> <verb>');
    const wrong = await mandate(['nonsense']);
    expect(wrong).toEqual({ code: 2, out: '', err: expect.stringContaining('There is no "nonsense"') });
    const away = await mandate(['application', 'list'], { MANDATE_URL: 'http://127.0.0.1:1', MANDATE_TOKEN: 'x' });
    expect([away.code, away.out]).toEqual([3, '']);
  }, 60_000);

  it('migrates a new database, and says so when there is nothing to do', async () => {
    const first = await mandate(['migrate']);
    expect([first.code, first.err]).toEqual([0, '']);
    expect(first.out).toMatch(/^Applied: 0001-create-core, /);
    expect((await mandate(['migrate'])).out).toBe('The database is up to date.\n');
    const [newest = '', before = ''] = first.out.slice('Applied: '.length, -2).split(', ').toReversed();
    expect((await mandate(['migrate', '--undo', before])).out).toBe(`Undone: ${newest}, ${before}.\n`);
    expect((await mandate(['migrate'])).out).toBe(`Applied: ${before}, ${newest}.\n`);
    const unknown = await mandate(['migrate', '--undo', '0000-nothing']);
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('0000-nothing is not applied')]);
    expect((await mandate(['migrate', '--down'])).code).toBe(2);
    expect((await mandate(['migrate', '--help'])).out).toContain('--undo NAME');
  }, 120_000);

  it('names the faults of the settings before it migrates', async () => {
    const faulty = await mandate(['migrate'], { PORT: 'many' });
    expect([faulty.code, faulty.err]).toEqual([2, expect.stringContaining('port:')]);
  }, 60_000);
});
