// A QR code as the two numbers and the one path that an SVG needs; the view draws it, so it works under the content security
// policy and nothing is printed unescaped.
import { create } from 'qrcode';

/** The white margin that readers need (ISO/IEC 18004), in modules. */
const QUIET = 4;

type QrCode = { /** Width and height of the viewBox. */ readonly size: number; readonly path: string };

export function qrCode(text: string): QrCode {
  const { size, data } = create(text, { errorCorrectionLevel: 'M' }).modules;
  const runs: string[] = [];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (!data[y * size + x]) continue;
      const from = x;
      while (x + 1 < size && data[y * size + x + 1]) x++;
      runs.push(`M${from + QUIET} ${y + QUIET}h${x - from + 1}v1h${from - x - 1}z`);
    }
  }
  return { size: size + 2 * QUIET, path: runs.join('') };
}
