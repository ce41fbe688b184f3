import { checkInsApi } from '@loro/contracts/check-ins';
import { routes } from '../../platform';
import type { CheckInsService } from './check-ins.service';

export const checkInsRoutes = (checkIns: CheckInsService) =>
  routes(checkInsApi, {
    list: ({ actor, query }) => checkIns.list(actor, query),
    get: ({ actor, params }) => checkIns.get(actor, params.checkInId),
    start: ({ actor, body }) => checkIns.start(actor, body),
    end: ({ actor, params, body }) => checkIns.end(actor, params.checkInId, body),
  });
