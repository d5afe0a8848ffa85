// The operator's brand: four values, from which everything else of the look derives. They reach the page as a
// stylesheet of custom properties, since the content security policy allows no inline style. The accent is the
// operator's, its contrast is ours: text and links in it are shifted until they meet WCAG 2.2 AA (1.4.3, 1.4.11).

export type Brand = {
  readonly name: string;
  /** Address of the logo on our own host; without it a mark in the accent color is drawn. */
  readonly logo?: string;
  /** `#rrggbb`. */
  readonly accent: string;
  /** Corner radius in CSS pixels, 0 to 24. */
  readonly radius: number;
};

type Rgb = readonly [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
// The grounds on which accent-colored text stands in app.css: its lightest tint by day and its lightest panel by night.
const DAY: Rgb = [238, 240, 244];
const NIGHT: Rgb = [38, 42, 51];
const TEXT_CONTRAST = 4.5;

/** The custom properties of the brand as a stylesheet. Throws a RangeError for a value that is not of the stated form. */
export function brandStylesheet(brand: Brand): string {
  const accent = parseColor(brand.accent);
  if (!(brand.radius >= 0 && brand.radius <= 24)) throw new RangeError('The corner radius is 0 to 24 pixels');
  const onAccent = contrast(accent, WHITE) >= TEXT_CONTRAST ? WHITE : BLACK;
  const day = shiftUntilReadable(accent, DAY, BLACK);
  const night = shiftUntilReadable(accent, NIGHT, WHITE);
  return [
    ':root {',
    `  --brand: ${format(accent)};`,
    `  --on-brand: ${format(onAccent)};`,
    `  --brand-press: ${format(mix(accent, onAccent === WHITE ? BLACK : WHITE, 0.18))};`,
    `  --accent: light-dark(${format(day)}, ${format(night)});`,
    `  --radius: ${brand.radius}px;`,
    '}',
    '',
  ].join('\n');
}

/** The mark that stands for the brand where it has no logo, and as the page's icon: SVG text. */
export function brandMark(brand: Brand): string {
  const accent = parseColor(brand.accent);
  const stroke = format(contrast(accent, WHITE) >= 3 ? WHITE : BLACK);
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">',
    `<rect width="32" height="32" rx="8" fill="${format(accent)}"/>`,
    `<g fill="none" stroke="${stroke}" stroke-width="3" stroke-linecap="round" stroke-linejoin="round">`,
    '<path d="M8 22V11l6 7 6-7v5"/><path d="M17 22h7m-3-3 3 3-3 3"/></g></svg>',
  ].join('');
}

/** WCAG 2.2 contrast ratio, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [first, second] = [luminance(a), luminance(b)];
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
}

export function parseColor(color: string): Rgb {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!match) throw new RangeError('The accent color is written #rrggbb');
  const channel = (index: number) => Number.parseInt(match[index] ?? '', 16);
  return [channel(1), channel(2), channel(3)];
}

function shiftUntilReadable(color: Rgb, ground: Rgb, towards: Rgb): Rgb {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(color, towards, share);
    if (contrast(mixed, ground) >= TEXT_CONTRAST) return mixed;
  }
  return towards;
}

function mix(color: Rgb, other: Rgb, share: number): Rgb {
  const channel = (index: 0 | 1 | 2) => Math.round(color[index] + (other[index] - color[index]) * share);
  return [channel(0), channel(1), channel(2)];
}

function luminance(color: Rgb): number {
  const linear = (channel: number) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(color[0]) + 0.7152 * linear(color[1]) + 0.0722 * linear(color[2]);
}

const format = (color: Rgb) => `#${color.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
