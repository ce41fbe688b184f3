import { presenceApi, presenceContract, presenceLive } from '@loro/contracts/presence';
import { defineModule } from '../../hub';
import { routes } from '../../http/routes';
import { namespace } from '../namespace';
import { PresenceService } from './presence.service';

/** Who is connected. It stands in the platform because connections do. */
export const presence = defineModule({
  name: 'presence',
  contract: presenceContract,
  models: [],
  service: (hub) => new PresenceService(hub),
  start: (service) => service.start(),
  stop: (service) => service.stop(),
  routes: (service) => routes(presenceApi, { read: ({ actor, query }) => service.read(actor, query.branchId) }),
  live: (service) =>
    namespace(presenceLive, {
      streams: {
        presence: {
          subject: (actor, id) => service.subject(actor, id),
          latest: (actor, id) => service.latest(actor, id),
        },
      },
      calls: {},
    }),
});
