import type { DayFacts, DayLeave } from './day.policy';

type Holiday = NonNullable<DayFacts['holiday']>;

/** Approved leave, for the days of attendance. */
export interface LeaveSource {
  daysOf(
    orgId: string,
    userIds: readonly string[],
    from: string,
    to: string,
  ): Promise<ReadonlyMap<string, readonly (DayLeave & { readonly date: string })[]>>;
}

/** Holidays by branch and date. */
export interface HolidaySource {
  holidaysOf(
    orgId: string,
    branchIds: readonly string[],
    from: string,
    to: string,
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, Holiday>>>;
}

/** Time off for overtime: milli-days that somebody may take, in the transaction that approves it. */
export interface TimeOff {
  grant(input: {
    readonly orgId: string;
    readonly userId: string;
    readonly milliDays: number;
    readonly earnedOn: string;
    /** One grant a claim, however often it is asked for. */
    readonly sourceKey: string;
  }): Promise<boolean>;
}

/** The last sign of life of somebody between two instants, where a room of tracks knows one. */
export type Evidence = (orgId: string, userId: string, from: Date, to: Date) => Promise<Date | null>;

/** What rooms and neighbours in this folder supply at boot. */
export interface Neighbours {
  leave: LeaveSource;
  holidays: HolidaySource;
  timeOff: TimeOff | null;
  evidence: Evidence[];
}

/** Without them there is no leave and no holiday, and nobody leaves a trace. */
export const nobody = (): Neighbours => ({
  leave: { daysOf: async () => new Map() },
  holidays: { holidaysOf: async () => new Map() },
  timeOff: null,
  evidence: [],
});
