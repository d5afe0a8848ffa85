// `npm run demo`: process entry. What it runs is imported once the compile cache is on.
import { useCompileCache } from './compile-cache.ts';

useCompileCache();
await import('./demo/run-demo.ts');
