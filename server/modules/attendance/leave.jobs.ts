import {
  accrueLeave,
  closeLeaveYears,
  expireLeave,
  markTaken,
  reconcileLeave,
  tickLeave,
} from '@loro/contracts/leave-live';
import { handle } from '../../platform';
import type { LeaveRoom } from './leave.room';

export const leaveJobs = ({ year, clock }: LeaveRoom) => [
  handle(tickLeave, () => clock.tick()),
  handle(accrueLeave, (run) => year.accrue(run)),
  handle(expireLeave, (run) => year.expire(run)),
  handle(closeLeaveYears, (run) => year.closeYears(run)),
  handle(markTaken, (run) => clock.markTaken(run)),
  handle(reconcileLeave, async () => {
    await clock.reconcile();
  }),
];
