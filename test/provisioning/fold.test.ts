import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { USER_ATTRIBUTES } from '../../src/provisioning/attribute-index.ts';
import { fold, foldDocument, instant } from '../../src/provisioning/fold.ts';
import { ENTERPRISE_SCHEMA } from '../../src/provisioning/schemas.ts';

describe('fold', () => {
  it('is idempotent for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (text) => {
        expect(fold(fold(text))).toBe(fold(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('makes equal what differs in case or in compatible form only', () => {
    const equal = [
      ['ÅSA', 'åsa'],
      ['A\u030aSA', 'åsa'],
      ['ΟΔΟΣ', 'οδος'],
      ['\u212aelvin', 'kelvin'],
      ['ｆｕｌｌ', 'full'],
      ['ﬁ', 'FI'],
    ] as const;
    for (const [one, other] of equal) expect(fold(one)).toBe(fold(other));
    expect(fold('straße')).not.toBe(fold('strasse'));
    expect(fold('ı')).not.toBe(fold('i'));
  });

  it('folds a part as it does inside the whole where the part ends in a sigma', () => {
    expect(fold('ΣΟΣΟΣ')).toContain(fold('ΣΟΣ'));
  });
});

describe('instant (RFC 7643 section 2.3.5)', () => {
  it('puts instants into the order of time, whatever their zone', () => {
    expect(instant('2024-02-29T13:00:00+01:00')).toBe('2024-02-29T12:00:00.000Z');
    expect(instant('2024-02-29T12:00:00.5z')).toBe('2024-02-29T12:00:00.500Z');
    expect(instant('2024-02-29T12:00:00')).toBe('2024-02-29T12:00:00.000Z');
    expect(instant('2024-02-29')).toBe('2024-02-29T00:00:00.000Z');
  });

  it('refuses what is no instant', () => {
    for (const text of [
      '',
      'now',
      '2024-02-30T00:00:00Z',
      '2023-02-29',
      '2024-13-01',
      '2024-01-01T25:00:00Z',
      '1706745600',
      'Testing, 1, 2',
    ])
      expect(instant(text)).toBeUndefined();
  });
});

describe('foldDocument', () => {
  it('folds strings that are not caseExact, leaves the others, and drops what the schemas do not know', () => {
    const folded = foldDocument(
      {
        userName: 'ÅSA',
        externalId: 'AbC',
        profileUrl: 'https://X.example/A',
        active: true,
        emails: [{ value: 'A@X.example', type: 'Work', primary: true }],
        [ENTERPRISE_SCHEMA]: { department: 'R&D', manager: { value: 'ABC' } },
        unknown: 'X',
      },
      USER_ATTRIBUTES,
    );
    expect(folded).toEqual({
      userName: 'åsa',
      externalId: 'AbC',
      profileUrl: 'https://X.example/A',
      active: true,
      emails: [{ value: 'a@x.example', type: 'work', primary: true }],
      [ENTERPRISE_SCHEMA]: { department: 'r&d', manager: { value: 'abc' } },
    });
  });
});
