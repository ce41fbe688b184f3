import { reportsApi } from '@loro/contracts/reports';
import { routes } from '../../platform';
import type { ReportsService } from './reports.service';

export const reportsRoutes = (reports: ReportsService) =>
  routes(reportsApi, {
    request: ({ actor, body }) => reports.request(actor, body),
    runs: ({ actor, query }) => reports.runs(actor, query),
    run: ({ actor, params }) => reports.run(actor, params.runId),
  });
