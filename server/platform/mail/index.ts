import { mailContract, sendMail } from '@loro/contracts/mail';
import { defineModule } from '../hub';
import { handle } from '../jobs/handle';

/** Hands mails over; it stands in the platform because rooms of every floor send some. */
export const mail = defineModule({
  name: 'mail',
  contract: mailContract,
  models: [],
  service: (hub) => hub.mail,
  stop: (service) => service.close(),
  jobs: (service) => [handle(sendMail, (payload) => service.deliver(payload))],
});
