// The jobs of this folder, by queue.
import type { Logger } from 'pino';
import type { JobHandlers } from '../database/jobs.ts';
import { deliverMail } from './deliver-mail.ts';
import { DELIVER_MAIL } from './queue-mail.ts';
import { sweepMails } from './sweep-mails.ts';

export const mailJobs = (log: Logger): JobHandlers => ({ [DELIVER_MAIL]: deliverMail(log), 'sweep-mails': sweepMails });
