import type { TimeEntry, Timesheet } from '@loro/contracts/activity-time';
import { type Hub, HubError, NotFound, ulid } from '../../platform';
import { weeksOf } from './time-entry.policy';

export interface EntryRow {
  readonly id: string;
  readonly userId: string;
  readonly branchId: string | null;
  readonly start: Date;
  readonly end: Date | null;
  readonly kind: TimeEntry['kind'];
  readonly taskId: string | null;
  readonly clientId: string | null;
  readonly billable: number | boolean;
  readonly source: TimeEntry['source'];
  readonly note: string;
  readonly lockedAt: Date | null;
  readonly version: number;
}

export const ENTRY_COLUMNS = `id, user_id AS userId, branch_id AS branchId, started_at AS \`start\`, ended_at AS \`end\`, kind,
  task_id AS taskId, client_id AS clientId, billable, source, note, locked_at AS lockedAt, version`;

export const presentEntry = (row: EntryRow): TimeEntry => ({
  ...row,
  start: row.start.toISOString(),
  end: row.end?.toISOString() ?? null,
  billable: Boolean(row.billable),
  lockedAt: row.lockedAt?.toISOString() ?? null,
});

interface SheetRow {
  readonly id: string;
  readonly userId: string;
  readonly branchId: string | null;
  readonly week: string;
  readonly state: Timesheet['state'];
  readonly submittedAt: Date | null;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
  readonly version: number;
}

const SHEET_COLUMNS = `id, user_id AS userId, branch_id AS branchId, DATE_FORMAT(week, '%Y-%m-%d') AS week, state,
  submitted_at AS submittedAt, decided_at AS decidedAt, decided_by AS decidedBy, reason, version`;

const presentSheet = (row: SheetRow): Timesheet => ({
  ...row,
  submittedAt: row.submittedAt?.toISOString() ?? null,
  decidedAt: row.decidedAt?.toISOString() ?? null,
});

/** Entries and weekly sheets as they are kept. Whoever writes takes the person's row first, so that changes come one after another. */
export class TimeEntryStore {
  constructor(private readonly hub: Hub) {}

  async lockPerson(orgId: string, userId: string): Promise<void> {
    await this.hub.select('SELECT id FROM users WHERE org_id = :orgId AND id = :userId FOR UPDATE', { orgId, userId });
  }

  async entries(condition: string, values: Record<string, unknown>, tail = ''): Promise<EntryRow[]> {
    return this.hub.select<EntryRow>(`SELECT ${ENTRY_COLUMNS} FROM time_entries WHERE ${condition} ${tail}`, values);
  }

  /** @throws NotFound */
  async entry(orgId: string, id: string, lock = ''): Promise<EntryRow> {
    const [row] = await this.entries('org_id = :orgId AND id = :id', { orgId, id }, lock);
    if (!row) throw new NotFound('This entry');
    return row;
  }

  /** The person must be locked: then what is read here stays. @throws NotFound, HubError VERSION_CONFLICT */
  async lockedEntry(orgId: string, id: string, version: number): Promise<EntryRow> {
    const row = await this.entry(orgId, id, 'FOR UPDATE');
    if (row.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this entry meanwhile.', { current: presentEntry(row) });
    return row;
  }

  async running(orgId: string, userId: string, lock = 'FOR UPDATE'): Promise<EntryRow | undefined> {
    const [row] = await this.entries('org_id = :orgId AND running_for = :userId', { orgId, userId }, lock);
    return row;
  }

  async insert(orgId: string, row: EntryRow): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO time_entries (org_id, id, user_id, branch_id, started_at, ended_at, running_for, kind, task_id, client_id,
         billable, source, note, created_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
      {
        replacements: [
          orgId,
          row.id,
          row.userId,
          row.branchId,
          row.start,
          row.end,
          row.end === null ? row.userId : null,
          row.kind,
          row.taskId,
          row.clientId,
          Boolean(row.billable),
          row.source,
          row.note,
          this.hub.now(),
        ],
      },
    );
  }

  async update(orgId: string, row: EntryRow): Promise<void> {
    await this.hub.sequelize.query(
      `UPDATE time_entries SET started_at = ?, ended_at = ?, running_for = ?, kind = ?, task_id = ?, client_id = ?,
         billable = ?, note = ?, version = ? WHERE org_id = ? AND id = ?`,
      {
        replacements: [
          row.start,
          row.end,
          row.end === null ? row.userId : null,
          row.kind,
          row.taskId,
          row.clientId,
          Boolean(row.billable),
          row.note,
          row.version,
          orgId,
          row.id,
        ],
      },
    );
  }

  /** The first entry of the person that shares time with it; a locking read, which sees the newest. */
  async overlapping(
    orgId: string,
    { userId, start, end, id }: Pick<EntryRow, 'userId' | 'start' | 'end' | 'id'>,
  ): Promise<EntryRow | undefined> {
    const [row] = await this.entries(
      `org_id = :orgId AND user_id = :userId AND id <> :id AND started_at < :end
         AND (ended_at IS NULL OR (ended_at > :start AND ended_at > started_at))`,
      { orgId, userId, id, start, end: end ?? new Date('9999-01-01T00:00:00Z') },
      'ORDER BY started_at LIMIT 1 FOR UPDATE',
    );
    return row;
  }

  /** The weeks that these times lie in, each with its sheet, locked. */
  async sheetsFor(
    orgId: string,
    { userId, branchId }: Pick<EntryRow, 'userId' | 'branchId'>,
    times: readonly Pick<EntryRow, 'start' | 'end'>[],
    zone: string,
  ): Promise<Timesheet[]> {
    const weeks = new Set(times.flatMap((time) => weeksOf(time, zone, this.hub.now())));
    const sheets: Timesheet[] = [];
    for (const week of [...weeks].toSorted()) sheets.push(await this.openSheet(orgId, { userId, branchId }, week));
    return sheets;
  }

  async openSheet(
    orgId: string,
    { userId, branchId }: Pick<EntryRow, 'userId' | 'branchId'>,
    week: string,
  ): Promise<Timesheet> {
    await this.hub.sequelize.query(
      `INSERT INTO timesheets (org_id, id, user_id, branch_id, week) VALUES (?, ?, ?, ?, ?)
       ON DUPLICATE KEY UPDATE week = VALUES(week)`,
      { replacements: [orgId, ulid(this.hub.now().getTime()), userId, branchId, week] },
    );
    const [sheet] = await this.sheets(
      'org_id = :orgId AND user_id = :userId AND week = :week',
      { orgId, userId, week },
      'FOR UPDATE',
    );
    if (!sheet) throw new Error('a sheet that was just made is not there');
    return sheet;
  }

  async sheets(condition: string, values: Record<string, unknown>, tail = ''): Promise<Timesheet[]> {
    const rows = await this.hub.select<SheetRow>(
      `SELECT ${SHEET_COLUMNS} FROM timesheets WHERE ${condition} ${tail}`,
      values,
    );
    return rows.map(presentSheet);
  }

  /** @throws NotFound */
  async sheet(orgId: string, id: string, lock = ''): Promise<Timesheet> {
    const [sheet] = await this.sheets('org_id = :orgId AND id = :id', { orgId, id }, lock);
    if (!sheet) throw new NotFound('This sheet');
    return sheet;
  }

  async updateSheet(orgId: string, sheet: Timesheet): Promise<void> {
    await this.hub.sequelize.query(
      `UPDATE timesheets SET state = ?, submitted_at = ?, decided_at = ?, decided_by = ?, reason = ?, version = ?
        WHERE org_id = ? AND id = ?`,
      {
        replacements: [
          sheet.state,
          sheet.submittedAt === null ? null : new Date(sheet.submittedAt),
          sheet.decidedAt === null ? null : new Date(sheet.decidedAt),
          sheet.decidedBy,
          sheet.reason,
          sheet.version,
          orgId,
          sheet.id,
        ],
      },
    );
  }
}
