// One process per folder. The lock file names its holder by process id and start time, so that a lock left by
// a killed process is taken over, also when its id has been given to another process since.
import { readFileSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

export class FolderLockedError extends Error {
  constructor(folder: string, pid: string) {
    super(
      `The folder ${folder} is in use by another process (${pid}). Stop it first, or set DATA_DIR to another folder.`,
    );
    this.name = 'FolderLockedError';
  }
}

/** Start time in clock ticks since boot (proc(5), field 22), or '' where there is no /proc. */
function startTime(pid: string): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive(holder: string): boolean {
  const [pid = '', started = ''] = holder.split(' ');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return started === '' || started === startTime(pid);
}

const ME = `${process.pid} ${startTime(String(process.pid))}`;

async function create(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(ME);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes the lock and returns its release. Throws FolderLockedError while a living process holds it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'lock');
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await create(file)) return () => rm(file, { force: true });
    const holder = await readFile(file, 'utf8').catch(() => '');
    if (holder !== '' && isAlive(holder)) throw new FolderLockedError(folder, holder.split(' ')[0] ?? '');
    // Two processes may find the same dead holder: whoever moved a living one's file aside puts it back.
    const aside = `${file}.${process.pid}`;
    if (
      !(await rename(file, aside).then(
        () => true,
        () => false,
      ))
    )
      continue;
    if ((await readFile(aside, 'utf8')) === holder) await rm(aside);
    else await rename(aside, file);
  }
  throw new FolderLockedError(folder, 'unknown');
}
