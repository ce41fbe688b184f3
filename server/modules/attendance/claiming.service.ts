import { ulid } from '../../platform';
import type { ComputedDay, WantedClaim } from './compute.policy';
import type { DaysStore, NewClaim } from './days.store';
import type { ClaimRow } from './facts.store';

/** Keeps the claims of a day what its overtime is. */
export class ClaimingService {
  constructor(private readonly store: DaysStore) {}

  /** Changes those that are there, and answers those to add. In the caller’s transaction. */
  async settle(
    orgId: string,
    { claims, facts }: ComputedDay,
    { dayId, userId }: { readonly dayId: string; readonly userId: string },
    known: readonly ClaimRow[],
  ): Promise<NewClaim[]> {
    const fresh: NewClaim[] = [];
    for (const wanted of claims) {
      const claim = known.find(({ bucket }) => bucket === wanted.bucket);
      if (claim) await this.change(orgId, claim, wanted);
      else fresh.push({ ...wanted, id: ulid(), dayId, userId, branchId: facts.branchId, date: facts.date });
    }
    const gone = known.filter(
      ({ bucket, approvedSec, state }) =>
        !claims.some((one) => one.bucket === bucket) && (state === 'pending' || state === 'auto' || approvedSec === 0),
    );
    await this.store.removeClaims(
      orgId,
      gone.map(({ id }) => id),
    );
    return fresh;
  }

  /** What was decided stays decided for as much; more than that waits anew. */
  private async change(orgId: string, claim: ClaimRow, { seconds, factorPpm, allowedSec }: WantedClaim): Promise<void> {
    const isMore = seconds > claim.seconds;
    const isDecided = claim.state === 'approved' || claim.state === 'rejected';
    const state = isDecided && !isMore ? claim.state : allowedSec >= seconds ? 'auto' : 'pending';
    const approvedSec = state === 'auto' ? seconds : claim.state === 'auto' ? 0 : Math.min(claim.approvedSec, seconds);
    const isSame =
      claim.seconds === seconds &&
      claim.factorPpm === factorPpm &&
      claim.state === state &&
      claim.approvedSec === approvedSec;
    if (!isSame) await this.store.changeClaim(orgId, claim, { seconds, factorPpm, state, approvedSec });
  }
}
