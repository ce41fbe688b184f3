import { peopleContract } from '@loro/contracts/people';
import { defineModule } from '../../platform';
import { ErasureModel } from './erasure.model';
import { FieldRulesModel } from './field-rules.model';
import { OrganisationModel } from './organisation.model';
import { OwnershipTransferModel } from './ownership-transfer.model';
import { peopleNamespace } from './people.live';
import { peopleRoutes } from './people.routes';
import { peopleJobs } from './people.jobs';
import { PeopleService } from './people.service';
import { ProfileModel } from './profile.model';
import { TeamMemberModel, TeamModel } from './team.model';
import { UserModel } from './user.model';

export type { Invited, Member } from './hooks';

export const people = defineModule({
  name: 'people',
  contract: peopleContract,
  models: [
    OrganisationModel,
    UserModel,
    ProfileModel,
    FieldRulesModel,
    TeamModel,
    TeamMemberModel,
    OwnershipTransferModel,
    ErasureModel,
  ],
  service: (hub) => new PeopleService(hub),
  start: (service, hub) => {
    hub.ports.noteSeen = (seen) => service.noteSeen(seen);
  },
  routes: peopleRoutes,
  jobs: peopleJobs,
  live: (service) => peopleNamespace(service.hasBranch),
});
