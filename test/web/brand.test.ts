import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { brandMark, brandStylesheet, contrast, parseColor } from '../../src/web/brand.ts';

const hex = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
const property = (css: string, name: string) => new RegExp(`--${name}: (.*);`).exec(css)?.[1] ?? '';

describe('the brand', () => {
  it('keeps its text readable whatever accent the operator picks (4.5:1)', () => {
    fc.assert(
      fc.property(hex, (accent) => {
        const css = brandStylesheet({ name: 'x', accent, radius: 8 });
        const [day = '', night = ''] = property(css, 'accent').match(/#[0-9a-f]{6}/g) ?? [];
        expect(contrast(parseColor(property(css, 'on-brand')), parseColor(accent))).toBeGreaterThanOrEqual(4.5);
        expect(
          contrast(parseColor(property(css, 'on-brand')), parseColor(property(css, 'brand-press'))),
        ).toBeGreaterThanOrEqual(4.5);
        expect(contrast(parseColor(day), parseColor('#eef0f4'))).toBeGreaterThanOrEqual(4.5);
        expect(contrast(parseColor(night), parseColor('#262a33'))).toBeGreaterThanOrEqual(4.5);
      }),
      { numRuns: 300 },
    );
  });

  it('lets an accent that is readable already be itself', () => {
    expect(brandStylesheet({ name: 'x', accent: '#b3001b', radius: 8 })).toContain('--accent: light-dark(#b3001b, ');
  });

  it('refuses values that would write their own style', () => {
    expect(() => brandStylesheet({ name: 'x', accent: 'red; } * { color: red', radius: 8 })).toThrow(RangeError);
    expect(() => brandStylesheet({ name: 'x', accent: '#b3001b', radius: Number.NaN })).toThrow(RangeError);
    expect(() => brandMark({ name: 'x', accent: '#b3001b"/><script>', radius: 8 })).toThrow(RangeError);
  });
});
