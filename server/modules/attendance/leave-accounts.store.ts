import type { EntryReason, LotKind } from '@loro/contracts/leave-values';
import { type Hub, ulid, ulidInOrder } from '../../platform';
import { inOrder, isValidOn, type Lot } from './leave-lots.policy';

export interface Account {
  readonly orgId: string;
  readonly userId: string;
  readonly typeId: string;
}

export interface StoredLot extends Lot {
  readonly milliDays: number;
  readonly remaining: number;
  readonly reserved: number;
  readonly sourceKey: string;
  /** The lot that took what the leave year left of this one. */
  readonly carryId: string | null;
}

export interface NewLot {
  readonly kind: LotKind;
  readonly milliDays: number;
  readonly validFrom: string;
  readonly expiresOn: string | null;
  readonly sourceKey: string;
}

export interface NewEntry {
  readonly lotId: string;
  readonly delta: number;
  readonly reason: EntryReason;
  /** The local date on which it counts. */
  readonly on: string;
  readonly requestId?: string | undefined;
  readonly leaveDate?: string | undefined;
  readonly actorId?: string | null | undefined;
  readonly note?: string | null | undefined;
}

export interface Held {
  readonly date: string;
  readonly lotId: string;
  readonly milliDays: number;
}

const LOT = `id, kind, milli_days AS milliDays, remaining, reserved, CAST(remaining - reserved AS SIGNED) AS free,
  DATE_FORMAT(valid_from, '%Y-%m-%d') AS validFrom, DATE_FORMAT(expires_on, '%Y-%m-%d') AS expiresOn,
  source_key AS sourceKey, carry_id AS carryId`;
const ENTRY_COLUMNS = 12;

/** Lots and their ledger. Whoever changes them locks the account first; what is left of a lot follows by itself. */
export class LeaveAccountsStore {
  constructor(private readonly hub: Hub) {}

  /** Opens the account where there is none, and keeps everybody else out of it until the transaction ends. */
  async lock({ orgId, userId, typeId }: Account): Promise<void> {
    const values = { orgId, userId, typeId };
    await this.run(
      `INSERT INTO leave_accounts (org_id, user_id, type_id) VALUES (:orgId, :userId, :typeId)
        ON DUPLICATE KEY UPDATE type_id = VALUES(type_id)`,
      values,
    );
    await this.hub.select(
      'SELECT type_id FROM leave_accounts WHERE org_id = :orgId AND user_id = :userId AND type_id = :typeId FOR UPDATE',
      values,
    );
  }

  /** As they stand now, whatever the transaction saw first; the account is locked. */
  async lots({ orgId, userId, typeId }: Account): Promise<StoredLot[]> {
    const rows = await this.hub.select<StoredLot>(
      `SELECT ${LOT} FROM leave_lots WHERE org_id = :orgId AND user_id = :userId AND type_id = :typeId FOR UPDATE`,
      { orgId, userId, typeId },
    );
    return rows.toSorted(inOrder);
  }

  /** A lot with its first entry; what was taken ahead is paid back from it. */
  async add(account: Account, lot: NewLot, entry: Omit<NewEntry, 'lotId' | 'delta'>): Promise<string> {
    const id = ulid(this.hub.now().getTime());
    const { orgId, userId, typeId } = account;
    await this.run(
      `INSERT INTO leave_lots (org_id, id, user_id, type_id, kind, milli_days, valid_from, expires_on, source_key, created_at)
        VALUES (:orgId, :id, :userId, :typeId, :kind, :milliDays, :validFrom, :expiresOn, :sourceKey, :at)`,
      { ...lot, orgId, id, userId, typeId, at: this.hub.now() },
    );
    if (lot.milliDays > 0) await this.enter(account, [{ ...entry, lotId: id, delta: lot.milliDays }]);
    if (lot.kind !== 'overdraft') await this.payBack(account, entry.on);
    return id;
  }

  async enter({ orgId, userId, typeId }: Account, entries: readonly NewEntry[]): Promise<void> {
    const moves = entries.filter(({ delta }) => delta !== 0);
    if (moves.length === 0) return;
    const at = this.hub.now();
    const row = `(${Array.from({ length: ENTRY_COLUMNS }, () => '?').join(', ')}, ?)`;
    await this.hub.sequelize.query(
      `INSERT INTO leave_entries (org_id, id, lot_id, user_id, type_id, delta, reason, request_id, leave_date, on_date, actor_id, note, at)
        VALUES ${moves.map(() => row).join(', ')}`,
      {
        replacements: moves.flatMap((entry) => [
          orgId,
          ulidInOrder(at.getTime()),
          entry.lotId,
          userId,
          typeId,
          entry.delta,
          entry.reason,
          entry.requestId ?? null,
          entry.leaveDate ?? null,
          entry.on,
          entry.actorId ?? null,
          entry.note ?? null,
          at,
        ]),
      },
    );
  }

  /** The lot that goes below 0, where the type lets people take ahead. */
  async overdraft(account: Account, on: string): Promise<string> {
    const known = (await this.lots(account)).find(({ kind }) => kind === 'overdraft');
    if (known) return known.id;
    const sourceKey = `ahead:${account.typeId}:${account.userId}`;
    const lot = { kind: 'overdraft', milliDays: 0, validFrom: '2000-01-01', expiresOn: null, sourceKey } as const;
    return this.add(account, lot, { reason: 'adjust', on });
  }

  /** What was taken ahead is paid by what is there now. */
  async payBack(account: Account, on: string): Promise<void> {
    const lots = await this.lots(account);
    const debt = lots.find(({ kind }) => kind === 'overdraft');
    if (!debt || debt.remaining >= 0) return;
    let open = -debt.remaining;
    for (const lot of lots) {
      if (lot.kind === 'overdraft' || lot.free <= 0 || !isValidOn(lot, on)) continue;
      const part = Math.min(open, lot.free);
      const entry = { reason: 'adjust', on, note: 'pays back what was taken ahead' } as const;
      await this.enter(account, [
        { ...entry, lotId: lot.id, delta: -part },
        { ...entry, lotId: debt.id, delta: part },
      ]);
      open -= part;
      if (open === 0) return;
    }
  }

  async reserve(orgId: string, requestId: string, held: readonly Held[]): Promise<void> {
    if (held.length === 0) return;
    await this.hub.sequelize.query(
      `INSERT INTO leave_reservations (org_id, request_id, date, lot_id, milli_days) VALUES ${held.map(() => '(?, ?, ?, ?, ?)').join(', ')}`,
      {
        replacements: held.flatMap(({ date, lotId, milliDays }) => [orgId, requestId, date, lotId, milliDays]),
      },
    );
  }

  /** Lets go of what a request held. @returns what that was */
  async unreserve(orgId: string, requestId: string): Promise<Held[]> {
    const held = await this.hub.select<Held>(
      `SELECT DATE_FORMAT(date, '%Y-%m-%d') AS date, lot_id AS lotId, milli_days AS milliDays FROM leave_reservations
        WHERE org_id = :orgId AND request_id = :requestId ORDER BY date, lot_id FOR UPDATE`,
      { orgId, requestId },
    );
    await this.run('DELETE FROM leave_reservations WHERE org_id = :orgId AND request_id = :requestId', {
      orgId,
      requestId,
    });
    return held;
  }

  /** What these dates of a request took from each lot and did not give back. */
  async taken(orgId: string, requestId: string, dates: readonly string[]): Promise<Held[]> {
    if (dates.length === 0) return [];
    const rows = await this.hub.select<{ date: string; lotId: string; milliDays: number | string }>(
      `SELECT DATE_FORMAT(leave_date, '%Y-%m-%d') AS date, lot_id AS lotId, CAST(-SUM(delta) AS SIGNED) AS milliDays
        FROM leave_entries WHERE org_id = :orgId AND request_id = :requestId AND leave_date IN (:dates)
        GROUP BY leave_date, lot_id HAVING SUM(delta) < 0 ORDER BY leave_date, lot_id`,
      { orgId, requestId, dates: [...dates] },
    );
    return rows.map((row) => ({ ...row, milliDays: Number(row.milliDays) }));
  }

  /** Which of these lots were made already. */
  async known(orgId: string, sourceKeys: readonly string[]): Promise<Set<string>> {
    if (sourceKeys.length === 0) return new Set();
    const rows = await this.hub.select<{ sourceKey: string }>(
      'SELECT source_key AS sourceKey FROM leave_lots WHERE org_id = :orgId AND source_key IN (:sourceKeys)',
      { orgId, sourceKeys: [...sourceKeys] },
    );
    return new Set(rows.map(({ sourceKey }) => sourceKey));
  }

  /** A leave year ended for this lot: what comes back to it later goes to what was carried, or expires. */
  async end(orgId: string, lotId: string, expiresOn: string, carryId: string): Promise<void> {
    await this.run(
      `UPDATE leave_lots SET expires_on = :expiresOn, carry_id = :carryId WHERE org_id = :orgId AND id = :lotId`,
      { orgId, lotId, expiresOn, carryId },
    );
  }

  /** A carried lot takes more, as far as the policy lets it. */
  async widen(orgId: string, lotId: string, milliDays: number): Promise<void> {
    await this.run('UPDATE leave_lots SET milli_days = milli_days + :milliDays WHERE org_id = :orgId AND id = :lotId', {
      orgId,
      lotId,
      milliDays,
    });
  }

  private async run(sql: string, replacements: Record<string, unknown>): Promise<void> {
    await this.hub.sequelize.query(sql, { replacements });
  }
}
