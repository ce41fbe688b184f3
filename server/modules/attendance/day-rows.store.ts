import type { Day, DayFlag } from '@loro/contracts/attendance-values';
import { dayFlags } from '@loro/contracts/attendance-values';
import { z } from 'zod';
import type { Hub } from '../../platform';
import { people } from '../people';
import { DayDetail } from './detail.policy';

type Row = Omit<Day, 'userName' | 'flags' | 'verification' | Instants> &
  Record<Instants, Date | null> & {
    readonly computedAt: Date;
    readonly flags: string;
    readonly detail: string;
    readonly inputsHash: string;
    readonly policyId: string | null;
  };
type Instants = 'scheduledStart' | 'scheduledEnd' | 'firstIn' | 'lastOut' | 'openSince' | 'computedAt' | 'lockedAt';

/** A day as it is kept, and what it was computed from. */
export interface KeptDay {
  readonly day: Day;
  readonly detail: DayDetail;
  readonly inputsHash: string;
  readonly policyId: string | null;
}

const Flags = z.array(z.enum(dayFlags));
const SHOWN = `id, user_id AS userId, branch_id AS branchId, DATE_FORMAT(work_date, '%Y-%m-%d') AS workDate,
  occurrence_key AS occurrenceKey, shift_id AS shiftId, policy_id AS policyId, timezone, scheduled_start AS scheduledStart,
  scheduled_end AS scheduledEnd, status, scheduled_sec AS scheduledSec, worked_sec AS workedSec, break_sec AS breakSec,
  late_sec AS lateSec, early_sec AS earlySec, night_sec AS nightSec, regular_sec AS regularSec, ot1_sec AS ot1Sec,
  ot2_sec AS ot2Sec, ot_unapproved_sec AS otUnapprovedSec, pending_sec AS pendingSec, first_in AS firstIn,
  last_out AS lastOut, open_since AS openSince, flags, detail, inputs_hash AS inputsHash, computed_at AS computedAt,
  locked_at AS lockedAt, version`;

/** Reads of computed days, as they are shown. */
export class DayRowsStore {
  constructor(private readonly hub: Hub) {}

  async list(orgId: string, where: string, values: Record<string, unknown>, limit: number): Promise<KeptDay[]> {
    const rows = await this.hub.select<Row>(
      `SELECT ${SHOWN} FROM attendance_days WHERE org_id = :orgId AND ${where}
        ORDER BY work_date, user_id, occurrence_key LIMIT ${limit}`,
      { ...values, orgId },
    );
    const names = await this.hub.use(people).namesOf(orgId, [...new Set(rows.map(({ userId }) => userId))]);
    return rows.map((row) => kept(row, names.get(row.userId) ?? ''));
  }

  async find(orgId: string, id: string): Promise<KeptDay | undefined> {
    const [row] = await this.list(orgId, 'id = :id', { id }, 1);
    return row;
  }

  async of(orgId: string, userId: string, from: string, to: string): Promise<KeptDay[]> {
    return this.list(orgId, 'user_id = :userId AND work_date BETWEEN :from AND :to', { userId, from, to }, 1_000);
  }
}

const text = (at: Date | null): string | null => at?.toISOString() ?? null;
const flagsOf = (flags: string): DayFlag[] => Flags.parse(JSON.parse(flags));

function kept({ flags, detail: json, inputsHash, policyId, ...row }: Row, userName: string): KeptDay {
  const detail = DayDetail.parse(JSON.parse(json));
  const day: Day = {
    ...row,
    userName,
    flags: flagsOf(flags),
    verification: detail.verification,
    scheduledStart: text(row.scheduledStart),
    scheduledEnd: text(row.scheduledEnd),
    firstIn: text(row.firstIn),
    lastOut: text(row.lastOut),
    openSince: text(row.openSince),
    computedAt: row.computedAt.toISOString(),
    lockedAt: text(row.lockedAt),
  };
  return { day, detail, inputsHash, policyId };
}
