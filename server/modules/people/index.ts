import { peopleContract } from '@loro/contracts/people';
import { defineModule } from '../../platform';
import { OrganisationModel } from './organisation.model';
import { peopleRoutes } from './people.routes';
import { PeopleService } from './people.service';
import { UserModel } from './user.model';

export type { Invited, PeopleHooks } from './hooks';

export const people = defineModule({
  name: 'people',
  contract: peopleContract,
  models: [OrganisationModel, UserModel],
  service: (hub) => new PeopleService(hub),
  start: (service, hub) => {
    hub.ports.noteSeen = (seen) => service.noteSeen(seen);
  },
  routes: peopleRoutes,
});
