// Every kind of mail in every language: complete, escaped, and linking to the hub only.
import { beforeAll, describe, expect, it } from '@jest/globals';
import { LANGUAGES } from '../../src/applications/application.ts';
import { LETTERS, type MailKind, type Mails } from '../../src/mail/letters.ts';
import { renderLetter } from '../../src/mail/render-letter.ts';
import { PUBLIC_URL, restartMail } from './mail-hub.ts';

const EVIL = `<img src=x onerror="alert(1)"> & $t(mail:copy) {{brand}}`;
const AT = new Date('2026-03-03T13:05:00Z');
const personal = { name: 'Anke Smets', username: 'anke.smets', organization: 'Noordzee Media' };
const link = (path: string, minutes: number) => ({ path, minutes, expiresAt: AT });
const administrators = [{ name: 'Bert Claes', email: 'bert@noordzee.example' }, { name: 'Chris Maes' }];

const EMASSPOST = { nl: 'e-MassPost', fr: 'e-MassPost', de: 'e-MassPost', en: 'e-MassPost' };
const mandate = { giver: 'Zeewind', number: '0001234567', applications: [EMASSPOST], until: null, onward: 0 };

const VALUES: { [K in MailKind]: Mails[K] } = {
  invitation: {
    ...personal,
    inviter: 'Bert Claes',
    applications: ['e-MassPost', 'e-Tracker'],
    link: link('/welcome/token-1', 10_080),
  },
  registration_confirmation: {
    name: 'Anke Smets',
    company: 'Noordzee Media',
    link: link('/register/confirm/token-1', 1440),
  },
  registration_denied: { name: 'Anke Smets', company: 'Noordzee Media', reason: 'The number is not yours.' },
  registration_notice: {
    ...personal,
    asker: 'Chris Maes',
    email: 'chris@noordzee.example',
    customerNumber: '0001234567',
    applications: [EMASSPOST],
  },
  invitation_reminder: { ...personal, inviter: null, applications: [], link: link('/welcome/token-1', 10_080) },
  recovery: {
    by: null,
    accounts: [
      {
        username: 'anke.smets',
        organization: 'Noordzee Media',
        hasPassword: true,
        link: link('/new-password/token-1', 60),
      },
      { username: 'depot', organization: 'Noordzee Media', hasPassword: false, link: link('/welcome/token-2', 60) },
    ],
    others: [{ username: 'archive', organization: 'Elders', administrators }],
    more: true,
  },
  recovery_without_right: { accounts: [{ username: 'archive', organization: 'Elders', administrators }] },
  password_changed: { ...personal, at: AT },
  account_deactivated: { ...personal, administrators: [] },
  new_device: { ...personal, at: AT, browser: 'Firefox', platform: null, address: '192.0.2.0/24' },
  sessions_ended: { ...personal, at: AT, by: 'Bert Claes' },
  second_factor_changed: { ...personal, at: AT, change: 'passkey_added' },
  recovery_codes: { ...personal, at: AT, left: 4 },
  rights_ending: {
    ...personal,
    items: [{ who: 'Bert Claes', what: { nl: 'Aa', fr: 'Bb', de: 'Cc', en: 'Dd' }, account: '0001', until: AT }],
    more: 2,
  },
  own_rights_ending: { ...personal, items: [{ who: null, what: 'Depositor', account: null, until: AT }], more: 0 },
  review_reminder: { ...personal, dueOn: AT, undecided: 3, begun: false, overdue: false, path: '/portal/reviews/x' },
  email_change_confirm: { ...personal, link: link('/confirm-email/token-1', 1440) },
  email_change_notice: {
    ...personal,
    email: 'new@noordzee.example',
    by: 'Bert Claes',
    applied: true,
    link: link('/undo-email/token-1', 10_080),
  },
  device_link: { ...personal, link: link('/confirm-device/token-1', 1440) },
  token_ending: {
    ...personal,
    connection: 'Entra ID',
    token: 'Token 2030',
    expiresAt: AT,
    path: '/portal/connections/019391c5-1122-7334-8556-c03b4c5d6eb9',
  },
  invitation_asked: { ...personal, who: 'Anke Smets', path: '/portal/users/x' },
  mandate_received: { ...personal, ...mandate },
  mandate_changed: { ...personal, ...mandate, until: AT, onward: 3 },
  mandate_withdrawn: { ...personal, ...mandate },
  mandate_given_ending: {
    ...personal,
    items: [{ other: 'Zeewind', number: '0001234567', applications: [EMASSPOST], until: AT }],
    more: 2,
  },
  mandate_received_ending: {
    ...personal,
    items: [{ other: 'Zeewind', number: '0001234567', applications: [EMASSPOST], until: AT }],
    more: 0,
  },
  access_requested: {
    ...personal,
    asker: 'Bert Claes',
    application: EMASSPOST,
    account: '',
    reason: 'Deposits of the autumn campaign',
    path: '/portal/requests/1',
    reminder: false,
    expiresAt: AT,
  },
  factor_reset_requested: {
    ...personal,
    asker: 'Bert Claes',
    reason: 'New phone',
    path: '/portal/users/1/second-factor',
    expiresAt: AT,
  },
  access_decided: {
    ...personal,
    state: 'approved_in_part',
    application: EMASSPOST,
    answer: 'Ask Chris for the rest.',
    path: '/portal/requests/1',
  },
  import_finished: {
    ...personal,
    fileName: 'hr.csv',
    created: 12,
    refused: 1,
    stopped: false,
    path: '/portal/users/import/1',
  },
  rights_changed: {
    ...personal,
    rights: [
      { change: 'given', what: EMASSPOST, account: '0001', until: AT, by: 'Bert Claes', group: null },
      { change: 'ended', what: 'Depositor', account: null, until: null, by: '', group: 'Depot' },
      {
        change: 'given',
        what: '',
        administrationRight: 'manage_users',
        account: null,
        until: null,
        by: '',
        group: null,
      },
      { change: 'joined', what: '', account: null, until: null, by: 'Bert Claes', group: 'Depot' },
      { change: 'left', what: '', account: null, until: null, by: 'Bert Claes', group: 'Depot' },
    ],
    others: [],
    more: 3,
  },
  notice_digest: {
    ...personal,
    rights: [{ change: 'given', what: EMASSPOST, account: null, until: null, by: 'Bert Claes', group: null }],
    others: [{ text: 'Chris Maes', path: '/portal/requests/1' }],
    more: 0,
  },
  support_opened: {
    ...personal,
    who: 'Chris Maes',
    by: 'Bert Claes',
    until: AT,
    path: '/portal/policy/support',
  },
  new_administrator: {
    ...personal,
    who: 'Chris Maes',
    right: 'manage_users',
    by: '',
    at: AT,
    path: '/portal/users/1',
  },
  last_administrator: {
    ...personal,
    company: 'Noordzee Media',
    remaining: 'Bert Claes',
    own: false,
    path: '/operator',
  },
  self_given: { ...personal, who: 'Bert Claes', at: AT, applications: ['e-MassPost'] },
};
const kinds = Object.keys(LETTERS) as MailKind[];
const every = kinds.flatMap((kind) => LANGUAGES.map((language) => ({ kind, language })));

beforeAll(() => restartMail());

describe('a mail', () => {
  it.each(every)('$kind in $language says everything in that language, in both parts', ({ kind, language }) => {
    const { subject, text, html } = renderLetter(kind, VALUES[kind], language);
    expect(html).toContain(`<html lang="${language}">`);
    for (const part of [subject, text, html]) {
      expect(part).not.toMatch(/mail:|\{\{|undefined|\[object|NaN/);
      expect(part.trim()).not.toBe('');
    }
    expect(text).not.toMatch(/<[a-z]|&amp;|&#/);
    // Without its markup the HTML part says the same words.
    const words = (part: string) => part.split(/[\s-]+/).filter((word) => /\p{L}/u.test(word));
    const plain = html
      .replace(/^[\s\S]*<body[^>]*>/, '')
      .replace(/<[^>]+>/g, ' ')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&');
    expect(words(text).filter((word) => !plain.includes(word.replace(/:$/, '')))).toEqual([]);
  });

  it.each(kinds)('%s differs from language to language', (kind) => {
    const subjects = LANGUAGES.map((language) => renderLetter(kind, VALUES[kind], language).subject);
    expect(new Set(subjects).size).toBe(LANGUAGES.length);
  });

  it.each(kinds)('%s links to the hub only, fetches nothing and runs nothing', (kind) => {
    const { html, text } = renderLetter(kind, VALUES[kind], 'en');
    const links = [...html.matchAll(/href="([^"]*)"/g), ...text.matchAll(/(https?:\S+)/g)].map(
      ([, href = '']) => new URL(href).origin,
    );
    expect(links.every((origin) => origin === PUBLIC_URL)).toBe(true);
    expect(html).not.toMatch(/<(img|script|link|iframe|object|form)\b|\bsrc=|url\(|@import/i);
  });

  it('escapes every name and reads no template in it', () => {
    const evil = { name: EVIL, username: EVIL, organization: EVIL };
    const { html, text } = renderLetter(
      'invitation',
      { ...evil, inviter: EVIL, applications: [EVIL], link: link('/welcome/t', 60) },
      'en',
    );
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x');
    expect(text).toContain('$t(mail:copy) {{brand}}');
  });

  it.each(['access_requested', 'factor_reset_requested'] as const)(
    '%s quotes its asker in one line and makes no link of his',
    (kind) => {
      const reason = 'New phone.\r\n\r\nOpen this instead:\nhttps://evil.example/x';
      const { html, text } = renderLetter(kind, { ...VALUES[kind], reason }, 'en');
      for (const part of [html, text]) expect(part).toContain('New phone. Open this instead: evil.example/x');
    },
  );

  it('tells how long a link works, in words and as a date in the operator’s time zone', () => {
    const said = Object.fromEntries(
      LANGUAGES.map((language) => [language, renderLetter('invitation', VALUES.invitation, language).text]),
    );
    expect(said['nl']).toContain('gedurende 7 dagen: tot dinsdag 3 maart 2026 om 14:05.');
    expect(said['fr']).toMatch(/pendant 7\sjours\s: jusqu’au mardi 3 mars 2026 à 14:05\./);
    expect(said['de']).toContain('7 Tage, bis Dienstag, 3. März 2026 um 14:05.');
    // Which CLDR release the runtime carries decides about the comma.
    expect(said['en']).toMatch(/for 7 days: until Tuesday,? 3 March 2026 at 14:05\./);
    expect(renderLetter('recovery', VALUES.recovery, 'en').text).toContain('for 60 minutes:');
  });

  it('names who invites, for which company and for what', () => {
    const { subject, text } = renderLetter('invitation', VALUES.invitation, 'en');
    expect(subject).toBe('Bert Claes invites you to Postal Portal for Noordzee Media');
    for (const part of [
      'Hello Anke Smets,',
      '- e-MassPost',
      '- e-Tracker',
      'Username: anke.smets',
      `${PUBLIC_URL}/welcome/token-1`,
    ])
      expect(text).toContain(part);
  });

  it('lists every username with its own link, and who helps with the others', () => {
    const { text } = renderLetter('recovery', VALUES.recovery, 'en');
    expect(text).toMatch(
      /anke\.smets[\s\S]*\/new-password\/token-1[\s\S]*depot[\s\S]*\/welcome\/token-2[\s\S]*archive[\s\S]*Bert Claes, bert@noordzee\.example/,
    );
    const alone = renderLetter('recovery_without_right', VALUES.recovery_without_right, 'en').text;
    expect(alone).not.toContain('http');
    expect(alone).toContain('- Chris Maes');
  });

  it('points to customer service where nobody in the company can help', () => {
    expect(renderLetter('account_deactivated', VALUES.account_deactivated, 'en').text).toContain('02 201 11 11');
  });

  it('refuses to link anywhere else', () => {
    const away = { ...VALUES.invitation, link: link('https://evil.example/x', 60) };
    expect(() => renderLetter('invitation', away, 'en')).toThrow(RangeError);
    expect(() => renderLetter('invitation', { ...away, link: link('//evil.example', 60) }, 'en')).toThrow(RangeError);
  });
});
