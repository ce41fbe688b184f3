import type { ReportQuery } from '@loro/contracts/attendance-periods';
import type { Day } from '@loro/contracts/attendance-values';
import { type Actor, addDays, allow, type Column, exportFeed, type Feed, type Hub, NotFound } from '../../platform';
import { people } from '../people';
import type { DayRowsStore, KeptDay } from './day-rows.store';
import { payrollRows } from './payroll.policy';
import type { PlacesService } from './places.service';
import { reachSql } from './reach';

export type ReportKind = 'daily' | 'timesheet' | 'late' | 'absence' | 'overtime' | 'payroll';
type Line = Readonly<Record<string, string | number | boolean | null>>;

interface Shape {
  readonly title: string;
  readonly where: string;
  readonly columns: readonly Column[];
  readonly line: (kept: KeptDay) => Line;
}

const PART = 500;
const column = (key: string, label: string, kind: Column['kind'] = 'text'): Column => ({ key, label, kind });
const WHO = [
  column('userId', 'Person id'),
  column('name', 'Person'),
  column('date', 'Day', 'date'),
  column('status', 'Status'),
];
const TIMES = [column('firstIn', 'In', 'instant'), column('lastOut', 'Out', 'instant')];
const who = ({ userId, userName, workDate, status }: Day): Line => ({ userId, name: userName, date: workDate, status });

const SHAPES: Readonly<Record<Exclude<ReportKind, 'payroll'>, Shape>> = {
  daily: {
    title: 'Attendance by day',
    where: '1 = 1',
    columns: [
      ...WHO,
      ...TIMES,
      column('workedSec', 'Worked', 'seconds'),
      column('lateSec', 'Late', 'seconds'),
      column('flags', 'Remarks'),
    ],
    line: ({ day }) => ({
      ...who(day),
      firstIn: day.firstIn,
      lastOut: day.lastOut,
      workedSec: day.workedSec,
      lateSec: day.lateSec,
      flags: day.flags.join(', '),
    }),
  },
  timesheet: {
    title: 'Time sheet',
    where: '1 = 1',
    columns: [
      ...WHO,
      ...TIMES,
      column('scheduledSec', 'Planned', 'seconds'),
      column('workedSec', 'Worked', 'seconds'),
      column('breakSec', 'Breaks', 'seconds'),
      column('regularSec', 'Regular', 'seconds'),
      column('ot1Sec', 'Overtime 1', 'seconds'),
      column('ot2Sec', 'Overtime 2', 'seconds'),
      column('otUnapprovedSec', 'Not approved', 'seconds'),
      column('nightSec', 'Night', 'seconds'),
    ],
    line: ({ day }) => ({
      ...who(day),
      firstIn: day.firstIn,
      lastOut: day.lastOut,
      scheduledSec: day.scheduledSec,
      workedSec: day.workedSec,
      breakSec: day.breakSec,
      regularSec: day.regularSec,
      ot1Sec: day.ot1Sec,
      ot2Sec: day.ot2Sec,
      otUnapprovedSec: day.otUnapprovedSec,
      nightSec: day.nightSec,
    }),
  },
  late: {
    title: 'Late and early',
    where: '(late_sec > 0 OR early_sec > 0)',
    columns: [
      ...WHO,
      column('scheduledStart', 'Planned from', 'instant'),
      ...TIMES,
      column('lateSec', 'Late', 'seconds'),
      column('earlySec', 'Early', 'seconds'),
    ],
    line: ({ day }) => ({
      ...who(day),
      scheduledStart: day.scheduledStart,
      firstIn: day.firstIn,
      lastOut: day.lastOut,
      lateSec: day.lateSec,
      earlySec: day.earlySec,
    }),
  },
  absence: {
    title: 'Absence',
    where: "status IN ('absent', 'excused', 'on_leave')",
    columns: [...WHO, column('scheduledSec', 'Planned', 'seconds'), column('leave', 'Leave')],
    line: ({ day, detail }) => ({
      ...who(day),
      scheduledSec: day.scheduledSec,
      leave: detail.leave.map(({ typeCode }) => typeCode).join(', '),
    }),
  },
  overtime: {
    title: 'Overtime',
    where: '(ot1_sec > 0 OR ot2_sec > 0 OR ot_unapproved_sec > 0)',
    columns: [
      ...WHO,
      column('regularSec', 'Regular', 'seconds'),
      column('ot1Sec', 'Overtime 1', 'seconds'),
      column('ot2Sec', 'Overtime 2', 'seconds'),
      column('otUnapprovedSec', 'Not approved', 'seconds'),
      column('flags', 'Remarks'),
    ],
    line: ({ day }) => ({
      ...who(day),
      regularSec: day.regularSec,
      ot1Sec: day.ot1Sec,
      ot2Sec: day.ot2Sec,
      otUnapprovedSec: day.otUnapprovedSec,
      flags: day.flags.join(', '),
    }),
  },
};

const PAYROLL: readonly Column[] = [
  column('userId', 'Person id'),
  column('employeeNo', 'Number'),
  column('name', 'Person'),
  column('bucket', 'Kind'),
  column('reason', 'Because of'),
  column('factorPpm', 'Factor, parts per million', 'number'),
  column('seconds', 'Time', 'seconds'),
];

/** Tables of days. They are read while they are sent, a part at a time, however long they are. */
export class ReportsService {
  constructor(
    private readonly hub: Hub,
    private readonly rows: DayRowsStore,
    private readonly places: PlacesService,
  ) {}

  async report(actor: Actor, kind: ReportKind, query: ReportQuery): Promise<Feed> {
    const { orgId } = actor;
    const { from, to = addDays(from, 1), branchId, userId, format } = query;
    allow(actor, 'attendance.report', branchId === undefined ? {} : { branchId, what: 'This branch' });
    if (branchId !== undefined && !(await this.hub.ports.hasBranch(orgId, branchId))) throw new NotFound('This branch');
    if (userId !== undefined) {
      const { homeBranchId } = await this.hub.use(people).byId(orgId, userId);
      allow(actor, 'attendance.report', { userId, branchId: homeBranchId, what: 'This person' });
    }
    const shape = kind === 'payroll' ? null : SHAPES[kind];
    const days = this.days(actor, shape?.where ?? '1 = 1', { from, to, branchId, userId });
    const table = {
      title: `${shape?.title ?? 'Payroll'} ${from} – ${addDays(to, -1)}`,
      columns: shape?.columns ?? PAYROLL,
      rows: shape ? lines(days, shape.line) : await this.payroll(orgId, days),
      timeZone: (await this.places.at(orgId, branchId ?? null)).calendar.zoneOf(from),
    };
    if (format !== 'json') return exportFeed({ ...table, format }, `attendance-${kind}-${from}`);
    const data: Line[] = [];
    for await (const line of table.rows) data.push(line);
    return {
      status: 200,
      headers: {},
      type: 'application/json',
      body: { data, meta: { from, to, columns: table.columns } },
    };
  }

  private async payroll(orgId: string, days: AsyncIterable<KeptDay>): Promise<Line[]> {
    const kept = [];
    for await (const { day, detail } of days)
      kept.push({ userId: day.userId, name: day.userName, ot1Sec: day.ot1Sec, ot2Sec: day.ot2Sec, pay: detail.pay });
    const ids = [...new Set(kept.map(({ userId }) => userId))];
    const rows =
      ids.length === 0
        ? []
        : await this.hub.select<{ userId: string; employeeNo: string | null }>(
            'SELECT user_id AS userId, employee_no AS employeeNo FROM attendance_people WHERE org_id = :orgId AND user_id IN (:ids)',
            { orgId, ids },
          );
    const numbers = new Map(rows.map((row) => [row.userId, row.employeeNo]));
    return payrollRows(kept).map((row) => ({ ...row, employeeNo: numbers.get(row.userId) ?? null }));
  }

  private async *days(
    actor: Actor,
    where: string,
    {
      from,
      to,
      branchId,
      userId,
    }: { from: string; to: string; branchId: string | undefined; userId: string | undefined },
  ): AsyncGenerator<KeptDay> {
    const reach = reachSql(actor, 'attendance.report');
    const conditions = [
      where,
      reach.sql,
      "status <> 'expected'",
      'work_date >= :from AND work_date < :to',
      ...(branchId === undefined ? [] : ['branch_id = :branchId']),
      ...(userId === undefined ? [] : ['user_id = :userId']),
    ];
    let last: Day | undefined;
    for (;;) {
      const after = last ? ['(work_date, user_id, occurrence_key) > (:afterDate, :afterUser, :afterKey)'] : [];
      const values = {
        ...reach.values,
        from,
        to,
        branchId,
        userId,
        afterDate: last?.workDate,
        afterUser: last?.userId,
        afterKey: last?.occurrenceKey,
      };
      const part = await this.rows.list(actor.orgId, [...conditions, ...after].join(' AND '), values, PART);
      yield* part;
      last = part.at(-1)?.day;
      if (part.length < PART) return;
    }
  }
}

async function* lines(days: AsyncIterable<KeptDay>, line: (kept: KeptDay) => Line): AsyncGenerator<Line> {
  for await (const kept of days) yield line(kept);
}
