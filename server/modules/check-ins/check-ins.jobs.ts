import { keepRetention, reportDay, sweepDuty, sweepReviews, watchVisits } from '@loro/contracts/check-ins-live';
import { handle } from '../../platform';
import type { CheckInsRoom } from './check-ins.room';

export const checkInsJobs = ({
  review,
  watch,
  retention,
  reports,
  duty,
  challenges,
  alarms,
  attempts,
  nonces,
}: CheckInsRoom) => [
  handle(sweepReviews, async () => {
    await review.sweep();
    await attempts.tidy();
    await nonces.tidy();
  }),
  handle(watchVisits, () => watch.watchVisits()),
  handle(keepRetention, () => retention.keep()),
  handle(reportDay, () => reports.tick()),
  handle(sweepDuty, async () => {
    await duty.sweep();
    await challenges.sweep();
    await alarms.sweep();
  }),
];
