// The text of an uploaded file, whatever program wrote it: UTF-8 with or without its mark, UTF-16, or the Windows-1252
// that spreadsheets still write in Western Europe. What cannot be told for sure is refused, never guessed letter by letter.
import { fileFault } from './file-fault.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** Windows-1252 gives these bytes no sign: a file that has them was written in something else. */
const UNDEFINED_IN_1252 = [0x81, 0x8d, 0x8f, 0x90, 0x9d];
const SAMPLE = 4096;

const begins = (bytes: Uint8Array, ...mark: number[]): boolean => mark.every((byte, i) => bytes[i] === byte);

/** UTF-16 without a mark: of plain Latin text every second byte is zero. */
function silentUtf16(bytes: Uint8Array): Encoding | undefined {
  const sample = bytes.subarray(0, SAMPLE);
  const zeros = [0, 0];
  sample.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  const many = sample.length / 4;
  if (odd > many && even === 0) return 'utf-16le';
  return even > many && odd === 0 ? 'utf-16be' : undefined;
}

function decoded(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Throws HubError `invalid_input` (see file-fault.ts): `spreadsheet`, `not_text`, `encoding`. */
export function decodeText(bytes: Uint8Array): { text: string; encoding: Encoding } {
  if (begins(bytes, 0x50, 0x4b, 0x03, 0x04) || begins(bytes, 0xd0, 0xcf, 0x11, 0xe0)) throw fileFault('spreadsheet');
  const marked = begins(bytes, 0xff, 0xfe) ? 'utf-16le' : begins(bytes, 0xfe, 0xff) ? 'utf-16be' : undefined;
  const wide = marked ?? silentUtf16(bytes);
  if (wide !== undefined) {
    const text = decoded(bytes, wide);
    if (text === undefined) throw fileFault('encoding');
    if (text.includes('\0')) throw fileFault('not_text');
    return { text, encoding: wide };
  }
  if (bytes.includes(0)) throw fileFault('not_text');
  const text = decoded(bytes, 'utf-8');
  if (text !== undefined) return { text, encoding: 'utf-8' };
  if (UNDEFINED_IN_1252.some((byte) => bytes.includes(byte))) throw fileFault('encoding');
  return { text: decoded(bytes, 'windows-1252') ?? '', encoding: 'windows-1252' };
}
