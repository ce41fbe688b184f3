import { addDays, type Hub, weekdayOf } from '../../platform';
import { branches } from '../branches';
import type { WorkDay } from './leave-days.policy';
import type { LeavePerson } from './leave-people.store';

/** Minutes that somebody is planned for, by date; null where no plan says anything. */
export type Roster = (
  orgId: string,
  userId: string,
  from: string,
  to: string,
) => Promise<ReadonlyMap<string, number | null>>;

const WORKING_DAY_MIN = 480;
const FRIDAY = 5;

/** Which dates somebody works, and which of them are holidays where he belongs. */
export class WorkDaysService {
  roster: Roster = async () => new Map();

  constructor(private readonly hub: Hub) {}

  /** Both dates included. */
  async of(
    orgId: string,
    { userId, branchId }: Pick<LeavePerson, 'userId' | 'branchId'>,
    from: string,
    to: string,
  ): Promise<WorkDay[]> {
    const planned = await this.roster(orgId, userId, from, to);
    const week = branchId === null ? null : await this.hub.use(branches).staffWeek(orgId, branchId);
    const holidays =
      branchId === null
        ? undefined
        : (await this.hub.use(branches).holidaysOf(orgId, [branchId], from, to)).get(branchId);
    const days: WorkDay[] = [];
    for (let date = from; date <= to; date = addDays(date, 1))
      days.push({
        date,
        minutes: planned.get(date) ?? usual(week, weekdayOf(date)),
        holiday: holidays?.get(date)?.portion ?? null,
      });
    return days;
  }
}

/** Where nothing is planned, the hours of the staff of a branch count, and without those Monday to Friday. */
const usual = (week: ReadonlyMap<number, number> | null, weekday: number): number =>
  week ? (week.get(weekday) ?? 0) : weekday <= FRIDAY ? WORKING_DAY_MIN : 0;
