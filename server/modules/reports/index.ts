import { reportsContract } from '@loro/contracts/reports';
import { defineModule } from '../../platform';
import { ReportRunModel } from './report-run.model';
import { reportsJobs } from './reports.jobs';
import { reportsNamespace } from './reports.live';
import { reportsRoutes } from './reports.routes';
import { ReportsService } from './reports.service';

export const reports = defineModule({
  name: 'reports',
  contract: reportsContract,
  models: [ReportRunModel],
  service: (hub) => new ReportsService(hub),
  routes: reportsRoutes,
  live: reportsNamespace,
  jobs: reportsJobs,
});
