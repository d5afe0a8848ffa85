import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderLockedError, lockFolder } from '../../src/database/folder-lock.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'mandate-lock-'))));
afterEach(() => rm(folder, { recursive: true }));

describe('the lock of a data folder', () => {
  it('refuses a second holder with a sentence that says what to do', async () => {
    const release = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(FolderLockedError);
    await expect(lockFolder(folder)).rejects.toThrow(/Stop it first, or set DATA_DIR/);
    await release();
    await (
      await lockFolder(folder)
    )();
  });

  it('is taken over from a process that is gone, also when its id belongs to another process now', async () => {
    await writeFile(join(folder, 'lock'), '4194300 12345');
    await (
      await lockFolder(folder)
    )();
    await writeFile(join(folder, 'lock'), '1 999999999999');
    const release = await lockFolder(folder);
    expect(await readFile(join(folder, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    await release();
  });
});
