import {
  checkCompliance,
  flushUsage,
  reconcileUsage,
  renewLicense,
  renewLicenses,
  reportCompliance,
  tickStates,
} from '@loro/contracts/licensing-live';
import { handle } from '../../platform';
import type { LicensingRoom } from './licensing.room';

export const licensingJobs = (room: LicensingRoom) => [
  handle(tickStates, () => room.states.tick()),
  handle(renewLicenses, () => room.renewals.askAll()),
  handle(renewLicense, ({ orgId }) => room.renewals.run(orgId)),
  handle(flushUsage, () => room.metering.flush()),
  handle(reconcileUsage, () => room.reconcile()),
  handle(checkCompliance, () => room.compliance.checkAll()),
  handle(reportCompliance, () => room.reports.makeMonthly()),
];
