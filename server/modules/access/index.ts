import { accessContract } from '@loro/contracts/access';
import { defineModule } from '../../platform';
import { AccessService } from './access.service';
import { RoleGrantModel } from './role-grant.model';

export const access = defineModule({
  name: 'access',
  contract: accessContract,
  models: [RoleGrantModel],
  service: (hub) => new AccessService(hub),
});
