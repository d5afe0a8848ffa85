// YAML text to plain data plus the line on which each part of it stands. Knows nothing of applications.
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

type BrokenLine = { readonly line: number; readonly message: string };

/**
 * Parses one YAML 1.2 document.
 * @returns `raw` is absent where the text is no YAML at all; a key that stands twice is in `broken`, and `raw` is there.
 * `lineOf(path)` is the line (from 1) of the deepest part of the path that exists: of a map entry, the line of its key.
 */
export function readLines(source: string): {
  raw?: unknown;
  broken: BrokenLine[];
  lineOf: (path: readonly (string | number)[]) => number;
} {
  const lineCounter = new LineCounter();
  const document = parseDocument(source, { lineCounter, prettyErrors: false });
  const lineAt = (offset: number): number => Math.max(1, lineCounter.linePos(offset).line);
  const broken = [...document.errors, ...document.warnings].map((fault) => ({
    line: lineAt(fault.pos[0]),
    message: fault.message,
  }));

  const lineOf = (path: readonly (string | number)[]): number => {
    let node: unknown = document.contents;
    let offset = document.contents?.range[0] ?? 0;
    for (const step of path) {
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
        if (pair === undefined || !isScalar(pair.key)) break;
        offset = pair.key.range?.[0] ?? offset;
        node = pair.value;
      } else if (isSeq(node) && typeof step === 'number') {
        const item: unknown = node.items[step];
        if (!isMap(item) && !isSeq(item) && !isScalar(item)) break;
        offset = item.range?.[0] ?? offset;
        node = item;
      } else break;
    }
    return lineAt(offset);
  };

  if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY')) return { broken, lineOf };
  try {
    return { raw: document.toJS() as unknown, broken, lineOf };
  } catch (error) {
    // Aliases that expand without end.
    broken.push({ line: 1, message: error instanceof Error ? error.message : String(error) });
    return { broken, lineOf };
  }
}
