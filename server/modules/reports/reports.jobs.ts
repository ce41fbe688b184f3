import { runReport } from '@loro/contracts/reports';
import { handle } from '../../platform';
import type { ReportsService } from './reports.service';

export const reportsJobs = (reports: ReportsService) => [
  handle(runReport, async ({ orgId, runId }, { lastAttempt }) => {
    try {
      await reports.make(orgId, runId);
    } catch (error) {
      if (lastAttempt) await reports.giveUp(orgId, runId);
      throw error;
    }
  }),
];
