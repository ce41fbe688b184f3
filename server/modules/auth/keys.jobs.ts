import { rotateKeys, sweepSessions } from '@loro/contracts/auth-keys';
import { handle } from '../../platform';
import type { AuthService } from './auth.service';

export const keyJobs = (auth: AuthService) => [
  handle(rotateKeys, () => auth.keys.rotate()),
  handle(sweepSessions, () => auth.sweep.run()),
];
