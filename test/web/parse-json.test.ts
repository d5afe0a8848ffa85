// JSON bodies: the same as the engine's parser within bounds, and never long at a stretch.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { setImmediate as turn } from 'node:timers/promises';
import { JsonFault, MAX_JSON_DEPTH, MAX_JSON_NAME, MAX_JSON_TEXT, parseJson } from '../../src/web/parse-json.ts';

const LARGE = 70_000;
/** The same text, long enough to be read in portions: white space may stand before any value. */
const padded = (text: string): string => ' '.repeat(LARGE) + text;
const faultOf = async (text: string): Promise<string> => {
  const fault: unknown = await parseJson(text).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(JsonFault);
  return (fault as JsonFault).message;
};

/** What the engine's parser says; undefined where it refuses. */
function engine(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

async function agrees(text: string): Promise<void> {
  const expected = engine(text);
  for (const one of [text, padded(text)]) {
    if (!expected) await faultOf(one);
    else {
      const value = await parseJson(one);
      expect(value).toEqual(expected.value);
      // Names, too, in the same order and as own properties.
      expect(JSON.stringify(value)).toBe(JSON.stringify(expected.value));
    }
  }
}

describe('a body read as JSON', () => {
  it('is what the engine reads, at any size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 6 }), (text) => agrees(text)),
      { numRuns: 200 },
    );
  });

  it('is refused exactly when the engine refuses it: valid texts with one sign changed, left out or put in', async () => {
    const sign = fc.constantFrom(...'[]{}",:\\0123-+.eEtrufalsn \n\t\u0000\u0007é');
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 4 }), fc.nat(), fc.nat(2), sign, (text, where, out, put) => {
        const at = where % (text.length + 1);
        return agrees(text.slice(0, at) + (out === 2 ? '' : put) + text.slice(at + (out === 0 ? 0 : 1)));
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    '', ' ', '1', '-0', '01', '-', '1.', '.5', '1e', '1e5', '-1.5E-3', 'nul', 'nulll', 'true false', '"', '"\\', '"\\x"', '"\\u12"',
    '"\\u00e9\\ud83d\\ude00"', '"\t"', '[', ']', '[]', '[,]', '[1,]', '[1 2]', '[1,,2]', '{}', '{,}', '{"a"}', '{"a":}', '{"a":1,}',
    '{"a":1 "b":2}', '{a:1}', '{"a":1,"a":2}', '[}', '{]', '[1]]', '{"a":[{"b":[]}]}', '\u00a01', '{"__proto__":{"x":1}}', '{"":{"toString":null}}',
  ])('agrees with the engine about %j', agrees); // prettier-ignore

  it('may begin with a byte order mark', async () => {
    expect(await parseJson('\ufeff{"a":"]]["}')).toEqual({ a: ']][' });
    expect(await parseJson(`\ufeff${padded('[1]')}`)).toEqual([1]);
  });

  it('is bounded in depth, names and texts, and a refusal quotes nothing of it', async () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    for (const text of [nested(MAX_JSON_DEPTH), padded(nested(MAX_JSON_DEPTH))])
      expect(Array.isArray(await parseJson(text))).toBe(true);
    for (const text of [nested(33), nested(100_000), '['.repeat(100_000), '{"a":'.repeat(100_000), padded(nested(33))])
      expect(await faultOf(text)).toContain('nested deeper than 32');
    const name = 'x'.repeat(MAX_JSON_NAME + 1);
    for (const text of [`{"${name}" : 1}`, padded(`{"${name}" : 1}`)]) expect(await faultOf(text)).toContain('name');
    expect(await parseJson(`{"a":"${name}"}`)).toEqual({ a: name });
    expect(await faultOf(`["${'x'.repeat(MAX_JSON_TEXT + 1)}"]`)).toContain('text');
    expect(await faultOf(`[${'1,'.repeat(1_000_000)}1]`)).toContain('1000000 values');
    const names = Array.from({ length: 10_001 }, (_, i) => `"name${i}":1`);
    expect(await faultOf(`[{${names.join(',')}}]`)).toContain('10000 names');
    expect(Object.keys((await parseJson(`{${names.slice(1).join(',')}}`)) as object)).toHaveLength(10_000);
    expect(await faultOf(`${' '.repeat(MAX_JSON_TEXT + 1)}1`)).toContain('text');
    for (const text of ['{"password":"hunter2"', padded('{"password":"hunter2"')])
      expect(await faultOf(text)).toBe('The body is not valid JSON.');
  });

  it('may hold a long text, taken in pieces that part no escape', async () => {
    for (const sign of ['é', '\\n', '\\u00e9', '\\ud83d\\ude00', 'a\\"']) {
      for (const before of ['', 'a', 'ab', 'abc', 'abcd', 'abcde'])
        await agrees(`["${before}${sign.repeat(130_000)}",1]`);
    }
    await faultOf(`["${'\\u00e9'.repeat(60_000)}\\u00g9"]`);
    await faultOf(`["${'x'.repeat(600_000)}`);
    expect(await parseJson(`"${'x'.repeat(5_000_000)}"`, 6_000_000)).toHaveLength(5_000_000);
  });

  it('lets others have their turn while a large one is read', async () => {
    const members = Array.from({ length: 60_000 }, (_, i) => ({ value: `user-${i}`, display: 'Robin' }));
    const text = JSON.stringify({ members });
    let turns = 0;
    const reading = new AbortController();
    const others = (async () => {
      for (; !reading.signal.aborted; turns += 1) await turn();
    })();
    const value = await parseJson(text);
    reading.abort();
    await others;
    expect(value).toEqual({ members });
    expect(turns).toBeGreaterThan(1);
  });
});
