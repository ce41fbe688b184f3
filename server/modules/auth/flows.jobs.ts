import { purgePending, sendLinks } from '@loro/contracts/auth-flows';
import { handle } from '../../platform';
import type { AuthService } from './auth.service';

export const flowJobs = ({ flows }: AuthService) => [
  handle(sendLinks, (payload) => flows.sendLinks(payload)),
  handle(purgePending, () => flows.purge()),
];
