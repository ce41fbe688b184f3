import { z } from 'zod';
import { job } from './kit/job';
import { event, live, stream } from './kit/live';
import { Id, Instant } from './kit/values';
import { LicenseState, UsageFeature } from './licensing-values';

const Standing = { feature: UsageFeature, used: z.number().int(), limit: z.number().int().nullable() };

export const licensingLive = live('/notifications', {
  streams: {
    license: stream('log', {
      permission: 'license.read',
      license: 'any',
      summary: 'What becomes of the organisation’s licence; its id is the organisation’s',
    }),
  },
  calls: {},
  events: {
    'license:state-changed': event(
      'license',
      z.object({ from: LicenseState.nullable(), to: LicenseState, until: Instant.nullable() }),
      'The licence works differently from now; `from` is null for the first one',
    ),
    'license:usage': event(
      'license',
      z.object({ ...Standing, threshold: z.number().int(), allowed: z.number().int().nullable() }),
      'A count came to stand at 80, 90 or 100 percent of its limit, or at the edge of what may go over it; once each',
    ),
    'license:limit-reached': event(
      'license',
      z.object(Standing),
      'There is no room for more: what is added is refused from now',
    ),
    'license:plan-changed': event(
      'license',
      z.object({ fv: z.number().int(), plan: z.string() }),
      'Features or limits are others from now: ask again what is open',
    ),
    'license:reminder': event(
      'license',
      z.object({
        kind: z.enum(['expiry', 'grace', 'downgrade', 'payment-failed']),
        days: z.number().int().nullable(),
        at: Instant,
      }),
      'Something about the licence needs its owner',
    ),
  },
});

const Tick = z.object({ tick: Instant });
export const tickStates = job('licensing.tick-states', {
  payload: Tick,
  summary: 'Tell what changed by itself: states, grace, notices, plans that take over',
});
export const renewLicenses = job('licensing.renew-licenses', {
  payload: Tick,
  summary: 'Try the automatic renewals that are due',
});
export const renewLicense = job('licensing.renew-license', {
  payload: z.object({ orgId: Id }),
  summary: 'Try one automatic renewal',
});
export const flushUsage = job('licensing.flush-usage', {
  payload: Tick,
  summary: 'Add what Redis counted to the sums in MySQL',
});
export const reconcileUsage = job('licensing.reconcile-usage', {
  payload: Tick,
  summary: 'Count anew what limits count, and forget what is too old',
});
export const checkCompliance = job('licensing.check-compliance', {
  payload: Tick,
  summary: 'Find where use and licence differ',
});
export const reportCompliance = job('licensing.report-compliance', {
  payload: Tick,
  summary: 'Write last month’s reports',
});
