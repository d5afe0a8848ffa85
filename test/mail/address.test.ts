import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isMailable, quotedName, quotedWords, subjectLine } from '../../src/mail/address.ts';

describe('an address', () => {
  it.each([
    'anke@noordzee.example',
    "o'brien+post@mail.noordzee.example",
    'jörg@müller.example',
    'a.b-c_d@x-1.example',
  ])('%s can be written to', (address) => {
    expect(isMailable(address)).toBe(true);
  });

  it.each([
    '',
    'anke',
    'anke@',
    '@noordzee.example',
    'anke@localhost',
    'anke@noordzee.example\r\nBcc: all@noordzee.example',
    'anke@noordzee.example, other@noordzee.example',
    'anke@noordzee.example;other@noordzee.example',
    'Anke <anke@noordzee.example>',
    '"anke smets"@noordzee.example',
    'anke@[127.0.0.1]',
    'anke(comment)@noordzee.example',
    '.anke@noordzee.example',
    'anke@-noordzee.example',
    'anke\u202e@noordzee.example',
    `${'a'.repeat(250)}@noordzee.example`,
  ])('%j cannot', (address) => {
    expect(isMailable(address)).toBe(false);
  });

  it('never holds what separates headers or recipients', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (local, domain) => {
        const address = `${local}@${domain}.example`;
        return !isMailable(address) || !/[\r\n\0,;<>\s"]/.test(address);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a subject', () => {
  it('is one printable line, whatever it is made from', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const line = subjectLine(text);
        return line.length <= 200 && !/\p{C}/u.test(line);
      }),
      { numRuns: 300 },
    );
    expect(subjectLine('Hello\r\nBcc: all@noordzee.example')).toBe('Hello Bcc: all@noordzee.example');
  });
});

describe('what somebody wrote, in a mail', () => {
  it('is one line without a link, so that it cannot pose as the letter itself', () => {
    const words = 'New phone.\r\n\r\nOpen now:\nhttps://evil.example/reset \u202e';
    expect(quotedWords(words)).toBe('New phone. Open now: evil.example/reset');
    expect(quotedWords('a '.repeat(400))).toHaveLength(500);
  });
});

describe('a name in a mail', () => {
  it('is never an address that a mail program would make a link of', () => {
    expect(quotedName('Win at https://evil.example/x now')).toBe('Win at evil.example/x now');
    expect(quotedName('javascript://evil www.evil.example')).toBe('evil evil.example');
    expect(quotedName('Noordzee \u202eMedia\n NV')).toBe('Noordzee Media NV');
  });
});
