import type { LeavePolicy } from '@loro/contracts/leave-values';
import { addDays } from '../../platform';
import { closeYear, isOfYear, type Lot } from './leave-lots.policy';
import { carryExpiresOn, type Grant, grantsOfYear, leaveYear, type Service, underCap } from './leave-year.policy';

export interface Projection {
  readonly toAccrue: number;
  readonly toExpire: number;
}

type Policy = Pick<
  LeavePolicy,
  | 'yearStartsOn'
  | 'accrual'
  | 'annualMilliDays'
  | 'proration'
  | 'roundingMilliDays'
  | 'carryMaxMilliDays'
  | 'carryExpires'
  | 'maxBalanceMilliDays'
>;

interface Ahead {
  readonly policy: Policy;
  readonly service: Service;
  /** Nothing accrues before. */
  readonly startsOn: string;
  readonly today: string;
  readonly asOf: string;
  /** First days of periods that gave what they give. */
  readonly given: ReadonlySet<string>;
}

const FARTHEST_YEARS = 5;

/** What a balance gains and loses between today and a date to come, if nobody asks for anything more. */
export function project(lots: readonly Lot[], ahead: Ahead): Projection {
  const { policy, service, today, asOf } = ahead;
  let held = lots.filter(({ expiresOn }) => expiresOn === null || expiresOn >= today);
  let [toAccrue, toExpire] = [0, sum(lots) - sum(held)];
  let year = leaveYear(policy, service, today);
  for (let count = 0; count < FARTHEST_YEARS; count += 1) {
    const until = asOf < year.to ? asOf : year.to;
    for (const grant of comingGrants(ahead, year.from, until)) {
      held = expire(held, grant.on, (lost) => (toExpire += lost));
      const milliDays = underCap(grant.milliDays, sum(held), policy.maxBalanceMilliDays);
      held.push({ id: grant.period, kind: 'accrual', free: milliDays, validFrom: grant.on, expiresOn: null });
      toAccrue += milliDays;
    }
    held = expire(held, until, (lost) => (toExpire += lost));
    if (asOf <= year.to) break;
    if (policy.accrual.every !== 'none') held = close(held, policy, year.to, (lost) => (toExpire += lost));
    year = leaveYear(policy, service, addDays(year.to, 1));
  }
  held = expire(held, asOf, (lost) => (toExpire += lost));
  return { toAccrue, toExpire };
}

function comingGrants({ policy, service, startsOn, given }: Ahead, from: string, until: string): Grant[] {
  const year = leaveYear(policy, service, from);
  // What the last period of the year before gives on an anniversary lies in this one.
  const before = leaveYear(policy, service, addDays(from, -1));
  return [before, year]
    .flatMap((each) => grantsOfYear(policy, service, each))
    .filter(({ period, on }) => on >= from && on <= until && on >= startsOn && !given.has(period))
    .filter(({ on }) => service.endedOn === null || on <= service.endedOn);
}

function expire(lots: readonly Lot[], date: string, lose: (milliDays: number) => void): Lot[] {
  const kept = lots.filter(({ expiresOn }) => expiresOn === null || expiresOn >= date);
  lose(sum(lots) - sum(kept));
  return kept;
}

function close(lots: readonly Lot[], policy: Policy, yearEnd: string, lose: (milliDays: number) => void): Lot[] {
  const touched = lots.filter((lot) => isOfYear(lot, yearEnd));
  const { carried } = closeYear(touched, policy.carryMaxMilliDays);
  lose(sum(touched) - carried);
  const from = addDays(yearEnd, 1);
  const carry: Lot = {
    id: `carry-${from}`,
    kind: 'carry',
    free: carried,
    validFrom: from,
    expiresOn: carryExpiresOn(from, policy.carryExpires),
  };
  return [...lots.filter((lot) => !touched.includes(lot)), carry];
}

const sum = (lots: readonly Lot[]): number => lots.reduce((total, { free }) => total + Math.max(0, free), 0);
