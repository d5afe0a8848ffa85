// What may stand in the headers of a mail. Addresses and names come from people and directories: nothing of theirs may
// begin a new header (CWE-93), name a second recipient or reverse the reading direction.

// A dot-atom local part (RFC 5321 section 4.1.2, without quoted strings; RFC 6531 for other letters) and a domain.
const ATOM = String.raw`[^\s\p{C}"(),:;<>@[\]\\.]+`;
const LABEL = String.raw`[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?`;
const ADDRESS = new RegExp(`^${ATOM}(?:\\.${ATOM})*@${LABEL}(?:\\.${LABEL})+$`, 'u');
const MAX_ADDRESS = 254;
const MAX_SUBJECT = 200;
const MAX_NAME = 120;
const MAX_WORDS = 500;

/** Whether a mail can be sent there: exactly one address, without a name, comment or quoted part. */
export const isMailable = (address: string): boolean => address.length <= MAX_ADDRESS && ADDRESS.test(address);

/** One printable line of at most `most` characters. */
function oneLine(text: string, most: number): string {
  const line = text.replace(/[\p{C}\p{Z}\s]+/gu, ' ').trim();
  return line.length <= most ? line : `${line.slice(0, most - 1).trimEnd()}…`;
}

export const subjectLine = (subject: string): string => oneLine(subject, MAX_SUBJECT);

/**
 * A name as a mail may quote it. Whoever may choose a name could otherwise have the hub send his own links to
 * strangers: mail programs turn an address in plain text into a link.
 */
export const quotedName = (name: string): string => oneLine(withoutLinks(name), MAX_NAME);

/** The same of what somebody wrote, shortened: the page has it whole. In one line, so that it cannot pose as the letter's own words. */
export const quotedWords = (words: string): string => oneLine(withoutLinks(words), MAX_WORDS);

const withoutLinks = (text: string): string => text.replace(/\b[a-z][a-z0-9+.-]*:\/+/gi, '').replace(/\bwww\./gi, '');
