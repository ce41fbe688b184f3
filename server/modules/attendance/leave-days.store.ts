import type { Hub } from '../../platform';

/** A day, or a part of one, that somebody is away by approved leave. */
export interface LeaveDay {
  readonly date: string;
  /** 1000 is a whole day; 0 on days off inside the leave. */
  readonly milliDays: number;
  readonly half: 'first' | 'second' | null;
  readonly requestId: string;
  readonly typeCode: string;
  readonly paid: boolean;
}

interface Row extends Omit<LeaveDay, 'paid'> {
  readonly userId: string;
  readonly isPaid: number;
}

/** Approved leave by date, for whoever needs to know who is away. */
export class LeaveDaysStore {
  constructor(private readonly hub: Hub) {}

  /** Approved days of one person; `to` is part of the span. In a transaction as that one sees it. */
  async daysOf(orgId: string, userId: string, from: string, to: string): Promise<LeaveDay[]> {
    const rows = await this.daysOfMany(orgId, [userId], from, to);
    return rows.map(({ date, milliDays, half, requestId, typeCode, paid }) => ({
      date,
      milliDays,
      half,
      requestId,
      typeCode,
      paid,
    }));
  }

  /** The same of many people. */
  async daysOfMany(
    orgId: string,
    userIds: readonly string[],
    from: string,
    to: string,
  ): Promise<(LeaveDay & { readonly userId: string })[]> {
    if (userIds.length === 0) return [];
    const rows = await this.hub.select<Row>(
      `SELECT d.user_id AS userId, DATE_FORMAT(d.date, '%Y-%m-%d') AS date, d.milli_days AS milliDays, d.half,
         d.request_id AS requestId, t.code AS typeCode, t.is_paid AS isPaid
       FROM leave_days d JOIN leave_requests r ON r.org_id = d.org_id AND r.id = d.request_id
         JOIN leave_types t ON t.org_id = r.org_id AND t.id = r.type_id
       WHERE d.org_id = :orgId AND d.user_id IN (:userIds) AND d.date BETWEEN :from AND :to
         AND d.released_at IS NULL AND r.state IN ('approved', 'taken', 'shortened')
       ORDER BY d.date, d.half, d.request_id`,
      { orgId, userIds: [...userIds], from, to },
    );
    return rows.map(({ isPaid, ...day }) => ({ ...day, paid: Boolean(isPaid) }));
  }
}
