// Loaded before the entry (`--import`): keeps what Node makes of the source files, types stripped and compiled, for the next
// start. It saves half of a start's work, and the memory of the compiler that strips types. Plain JavaScript, so that even the
// entry comes from the cache. In a folder that only the installer may write, as the code itself: whoever could write there
// could change the code too. Where it cannot be written, or NODE_DISABLE_COMPILE_CACHE says so, nothing else changes.
import { enableCompileCache } from 'node:module';

enableCompileCache(new URL('../node_modules/.cache/mandate/', import.meta.url).pathname);
