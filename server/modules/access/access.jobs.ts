import { endExpiredRoles } from '@loro/contracts/access';
import { handle } from '../../platform';
import type { AccessService } from './access.service';

export const accessJobs = ({ holdings }: AccessService) => [handle(endExpiredRoles, () => holdings.endExpired())];
