// Two series of figures as bars on top of each other: the geometry of the picture, and the same figures as words and rows.
// The picture has 100 units of height and one of width for each step; labels stand beside it as text.
import type { Series } from '../figures/read-activity.ts';

type Bar = { readonly x: number; readonly y: number; readonly height: number; readonly bad: boolean };
type Plot = {
  readonly key: string;
  readonly width: number;
  readonly bars: readonly Bar[];
  /** The value of the picture's upper edge; a round number. */
  readonly top: number;
  readonly good: number;
  readonly bad: number;
  readonly most: { readonly at: Date; readonly count: number } | undefined;
  readonly rows: readonly { readonly at: Date; readonly good: number; readonly bad: number }[];
};

/** The next of 1, 2, 5, 10, 20, 50, ... */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

export function plotOf(key: string, good: Series, bad: Series): Plot {
  const rows = good.points.map(({ at, count }, i) => ({ at, good: count, bad: bad.points[i]?.count ?? 0 }));
  const sums = rows.map((row) => row.good + row.bad);
  const highest = Math.max(0, ...sums);
  const top = roundUp(highest);
  const bars = rows.flatMap((row, x): Bar[] => {
    const [goodHeight, badHeight] = [(row.good / top) * 100, (row.bad / top) * 100];
    return [
      ...(row.good > 0 ? [{ x, y: 100 - goodHeight, height: goodHeight, bad: false }] : []),
      ...(row.bad > 0 ? [{ x, y: 100 - goodHeight - badHeight, height: badHeight, bad: true }] : []),
    ];
  });
  const place = sums.indexOf(highest);
  const at = rows[place]?.at;
  return {
    key,
    width: rows.length,
    bars,
    top,
    good: good.total,
    bad: bad.total,
    most: highest > 0 && at ? { at, count: highest } : undefined,
    rows,
  };
}
