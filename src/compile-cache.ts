// Keeps what Node makes of the source files, types stripped and compiled, for the next start: half of a start's work.
// Called before anything else is imported. In a folder that only the installer may write, as the code itself: whoever
// could write there could change the code too. Where it cannot be written, or NODE_DISABLE_COMPILE_CACHE says so, a start
// takes longer and nothing else changes.
import { enableCompileCache, flushCompileCache } from 'node:module';

const folder = new URL('../node_modules/.cache/mandate/', import.meta.url).pathname;

export const useCompileCache = (): void => void enableCompileCache(folder);

/** Once all is loaded: a process that is killed would not write it. */
export const keepCompileCache = (): void => flushCompileCache();
