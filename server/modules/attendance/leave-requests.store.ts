import type { LeaveDay, LeaveRequest } from '@loro/contracts/leave-values';
import { Conflict, type Hub, NotFound } from '../../platform';
import { UniqueConstraintError } from 'sequelize';
import { type CountedDay, halvesOf } from './leave-days.policy';
import type { LeavePeopleStore } from './leave-people.store';
import { LeaveRequestModel } from './leave-request.model';
import { LeaveTypeModel } from './leave-type.model';

/** Requests and their days, as they are kept. */
export class LeaveRequestsStore {
  constructor(
    private readonly hub: Hub,
    private readonly people: LeavePeopleStore,
  ) {}

  /** @throws NotFound */
  async find(orgId: string, id: string, options: { readonly lock?: true } = {}): Promise<LeaveRequestModel> {
    const row = await LeaveRequestModel.findOne({ where: { orgId, id }, ...options });
    if (!row) throw new NotFound('This request');
    return row;
  }

  async present(rows: readonly LeaveRequestModel[]): Promise<LeaveRequest[]> {
    const [orgId] = rows.map((row) => row.orgId);
    if (orgId === undefined) return [];
    const known = await this.people.byIds(orgId, [...new Set(rows.map(({ userId }) => userId))]);
    const types = await LeaveTypeModel.findAll({
      where: { orgId, id: [...new Set(rows.map(({ typeId }) => typeId))] },
      attributes: ['id', 'code'],
    });
    const codes = new Map(types.map(({ id, code }) => [id, code]));
    return rows.map((row) =>
      row.toContract({ userName: known.get(row.userId)?.name ?? '', typeCode: codes.get(row.typeId) ?? '' }),
    );
  }

  async days(orgId: string, requestId: string): Promise<LeaveDay[]> {
    const rows = await this.hub.select<Omit<LeaveDay, 'isReleased'> & { releasedAt: Date | null }>(
      `SELECT DATE_FORMAT(date, '%Y-%m-%d') AS date, milli_days AS milliDays, half, minutes, mark, released_at AS releasedAt
        FROM leave_days WHERE org_id = :orgId AND request_id = :requestId ORDER BY date`,
      { orgId, requestId },
    );
    return rows.map(({ releasedAt, ...day }) => ({ ...day, isReleased: releasedAt !== null }));
  }

  async replaceDays({ orgId, id, userId }: LeaveRequestModel, days: readonly CountedDay[]): Promise<void> {
    await this.run('DELETE FROM leave_days WHERE org_id = :orgId AND request_id = :id', { orgId, id });
    await this.hub.sequelize.query(
      `INSERT INTO leave_days (org_id, request_id, date, user_id, milli_days, half, minutes, mark)
        VALUES ${days.map(() => '(?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
      {
        replacements: days.flatMap(({ date, milliDays, half, minutes, mark }) => [
          orgId,
          id,
          date,
          userId,
          milliDays,
          half,
          minutes,
          mark,
        ]),
      },
    );
  }

  /** Keeps the halves of these dates to one request. @throws Conflict LEAVE_OVERLAP */
  async claim({ orgId, id, userId }: LeaveRequestModel, days: readonly CountedDay[]): Promise<void> {
    const halves = days.flatMap((day) => halvesOf(day).map((half) => ({ date: day.date, half })));
    const others = await this.hub.select<{ date: string; half: string }>(
      `SELECT DATE_FORMAT(date, '%Y-%m-%d') AS date, half FROM leave_halves
        WHERE org_id = :orgId AND user_id = :userId AND date BETWEEN :from AND :to ORDER BY date FOR UPDATE`,
      { orgId, userId, from: halves[0]?.date, to: halves.at(-1)?.date },
    );
    const wanted = new Set(halves.map(({ date, half }) => `${date}:${half}`));
    const shared = others.filter(({ date, half }) => wanted.has(`${date}:${half}`)).map(({ date }) => date);
    if (shared.length > 0) throw overlap(shared);
    await this.hub.sequelize
      .query(
        `INSERT INTO leave_halves (org_id, user_id, date, half, request_id) VALUES ${halves.map(() => '(?, ?, ?, ?, ?)').join(', ')}`,
        { replacements: halves.flatMap(({ date, half }) => [orgId, userId, date, half, id]) },
      )
      .catch((cause: unknown) => {
        throw cause instanceof UniqueConstraintError
          ? overlap(
              halves.map(({ date }) => date),
              cause,
            )
          : cause;
      });
  }

  /** Gives the halves of these dates back; of all without dates. */
  async free({ orgId, id }: LeaveRequestModel, dates?: readonly string[]): Promise<void> {
    if (dates?.length === 0) return;
    await this.run(
      `DELETE FROM leave_halves WHERE org_id = :orgId AND request_id = :id ${dates ? 'AND date IN (:dates)' : ''}`,
      { orgId, id, dates: dates && [...dates] },
    );
  }

  async markReleased({ orgId, id }: LeaveRequestModel, dates: readonly string[]): Promise<void> {
    if (dates.length === 0) return;
    await this.run(
      'UPDATE leave_days SET released_at = :at WHERE org_id = :orgId AND request_id = :id AND date IN (:dates) AND released_at IS NULL',
      { orgId, id, dates: [...dates], at: this.hub.now() },
    );
  }

  /** Dates on which somebody is away by leave of a type that counts or waits, without one request. */
  async awayDates(
    orgId: string,
    { userId, typeId, except }: { readonly userId: string; readonly typeId: string; readonly except: string },
    from: string,
    to: string,
  ): Promise<Set<string>> {
    const rows = await this.hub.select<{ date: string }>(
      `SELECT DATE_FORMAT(d.date, '%Y-%m-%d') AS date FROM leave_days d
         JOIN leave_requests r ON r.org_id = d.org_id AND r.id = d.request_id
        WHERE d.org_id = :orgId AND d.user_id = :userId AND d.date BETWEEN :from AND :to AND d.milli_days > 0
          AND d.released_at IS NULL AND r.id <> :except AND r.type_id = :typeId
          AND r.state IN ('pending', 'approved', 'taken', 'shortened')`,
      { orgId, userId, typeId, except, from, to },
    );
    return new Set(rows.map(({ date }) => date));
  }

  private async run(sql: string, replacements: Record<string, unknown>): Promise<void> {
    await this.hub.sequelize.query(sql, { replacements });
  }
}

function overlap(dates: readonly string[], cause?: unknown): Conflict {
  const each = [...new Set(dates)];
  return new Conflict('LEAVE_OVERLAP', `Another request has ${each.slice(0, 5).join(', ')}.`, {
    errors: each.map((date) => ({ path: 'from', code: 'leave_overlap', message: date })),
    cause,
  });
}
