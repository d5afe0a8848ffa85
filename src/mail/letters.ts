// Every kind of mail, area by area. A new kind is a line in its area's Mails, its letter beside it, and its texts in
// locales/<language>/mail.yaml. A letter never holds a password.
import { accountLetters, type AccountMails } from './account-letters.ts';
import { connectionLetters, type ConnectionMails } from './connection-letters.ts';
import { importLetters, type ImportMails } from './import-letters.ts';
import { invitationLetters, type InvitationMails } from './invitation-letters.ts';
import type { LettersOf } from './letter.ts';
import { mandateLetters, type MandateMails } from './mandate-letters.ts';
import { noticeLetters, type NoticeMails } from './notice-letters.ts';
import { recoveryLetters, type RecoveryMails } from './recovery-letters.ts';
import { registrationLetters, type RegistrationMails } from './registration-letters.ts';
import { requestLetters, type RequestMails } from './request-letters.ts';
import { reviewLetters, type ReviewMails } from './review-letters.ts';
import { securityLetters, type SecurityMails } from './security-letters.ts';
import { supportLetters, type SupportMails } from './support-letters.ts';

export type Mails = AccountMails &
  ConnectionMails &
  ImportMails &
  InvitationMails &
  MandateMails &
  NoticeMails &
  RecoveryMails &
  RegistrationMails &
  RequestMails &
  ReviewMails &
  SecurityMails &
  SupportMails;
export type MailKind = keyof Mails;

export const LETTERS: LettersOf<Mails> = {
  ...accountLetters,
  ...connectionLetters,
  ...importLetters,
  ...invitationLetters,
  ...mandateLetters,
  ...noticeLetters,
  ...recoveryLetters,
  ...registrationLetters,
  ...requestLetters,
  ...reviewLetters,
  ...securityLetters,
  ...supportLetters,
};
