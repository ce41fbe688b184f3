import { tickHours } from '@loro/contracts/branches-live';
import { handle } from '../../platform';
import type { BranchesService } from './branches.service';

export const branchesJobs = (branches: BranchesService) => [handle(tickHours, () => branches.tick())];
