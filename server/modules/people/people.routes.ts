import { peopleApi } from '@loro/contracts/people';
import { routes } from '../../platform';
import type { PeopleService } from './people.service';

export const peopleRoutes = (people: PeopleService) =>
  routes(peopleApi, {
    organisation: ({ actor }) => people.organisation(actor),
    list: ({ actor, query }) => people.list(actor, query),
    get: ({ actor, params }) => people.get(actor, params.userId),
  });
