import { z } from 'zod';
import { contract } from './kit/contract';
import { job } from './kit/job';
import { Id } from './kit/values';

export const sendMail = job('mail.send-mail', {
  /** `sealed` is the mail under the hub's secret: links that sign somebody in must not lie readable in a queue. */
  payload: z.object({ id: Id, sealed: z.base64() }),
  summary: 'Hands one mail to the SMTP server',
  attempts: 8,
});

export const mailContract = contract({ name: 'mail', jobs: [sendMail] });
