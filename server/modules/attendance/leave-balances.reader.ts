import type { LeaveBalance, LeaveType } from '@loro/contracts/leave-values';
import { type Hub, grouped } from '../../platform';
import type { StoredLot } from './leave-accounts.store';
import type { LeavePeopleStore, LeavePerson } from './leave-people.store';
import { project } from './leave-projection.policy';
import { LeaveTypeModel } from './leave-type.model';
import { leaveYear } from './leave-year.policy';

export interface Pair {
  readonly userId: string;
  readonly typeId: string;
  readonly typeCode: string;
}

interface Sum {
  readonly userId: string;
  readonly typeId: string;
  readonly reason: string;
  readonly on: string;
  readonly delta: number;
}

interface Facts {
  readonly type: LeaveType;
  readonly person: LeavePerson;
  readonly lots: readonly StoredLot[];
  readonly sums: readonly Sum[];
}

const keyOf = ({ userId, typeId }: { userId: string; typeId: string }): string => `${userId}:${typeId}`;

/** Balances on a date: of the past from the ledger, of today with what is over and not yet booked, of the future as it is expected. */
export class BalancesReader {
  constructor(
    private readonly hub: Hub,
    private readonly people: LeavePeopleStore,
  ) {}

  async of(orgId: string, pairs: readonly Pair[], asOf?: string): Promise<LeaveBalance[]> {
    if (pairs.length === 0) return [];
    const userIds = [...new Set(pairs.map(({ userId }) => userId))];
    const typeIds = [...new Set(pairs.map(({ typeId }) => typeId))];
    const people = await this.people.byIds(orgId, userIds);
    const rows = await LeaveTypeModel.findAll({ where: { orgId, id: typeIds } });
    const types = new Map(rows.map((row) => [row.id, row.toContract()]));
    const lots = grouped(await this.lots(orgId, userIds, typeIds), keyOf);
    const sums = grouped(await this.sums(orgId, userIds, typeIds), keyOf);
    return pairs.flatMap((pair) => {
      const [person, type] = [people.get(pair.userId), types.get(pair.typeId)];
      if (!person || !type) return [];
      const facts = { person, type, lots: lots.get(keyOf(pair)) ?? [], sums: sums.get(keyOf(pair)) ?? [] };
      return [balanceOf(facts, this.people.today(person), asOf)];
    });
  }

  private lots(
    orgId: string,
    userIds: readonly string[],
    typeIds: readonly string[],
  ): Promise<(StoredLot & { userId: string; typeId: string })[]> {
    return this.hub.select(
      `SELECT id, user_id AS userId, type_id AS typeId, kind, milli_days AS milliDays, remaining, reserved,
         CAST(remaining - reserved AS SIGNED) AS free, source_key AS sourceKey, carry_id AS carryId,
         DATE_FORMAT(valid_from, '%Y-%m-%d') AS validFrom, DATE_FORMAT(expires_on, '%Y-%m-%d') AS expiresOn
       FROM leave_lots WHERE org_id = :orgId AND user_id IN (:userIds) AND type_id IN (:typeIds)
       ORDER BY COALESCE(expires_on, '9999-12-31'), valid_from, id`,
      { orgId, userIds: [...userIds], typeIds: [...typeIds] },
    );
  }

  private async sums(orgId: string, userIds: readonly string[], typeIds: readonly string[]): Promise<Sum[]> {
    // A sum comes as text from some servers.
    const rows = await this.hub.select<Omit<Sum, 'delta'> & { delta: number | string }>(
      `SELECT user_id AS userId, type_id AS typeId, reason, DATE_FORMAT(on_date, '%Y-%m-%d') AS \`on\`, CAST(SUM(delta) AS SIGNED) AS delta
       FROM leave_entries WHERE org_id = :orgId AND user_id IN (:userIds) AND type_id IN (:typeIds)
       GROUP BY user_id, type_id, reason, on_date`,
      { orgId, userIds: [...userIds], typeIds: [...typeIds] },
    );
    return rows.map((row) => ({ ...row, delta: Number(row.delta) }));
  }
}

function balanceOf({ type, person, lots, sums }: Facts, today: string, asked?: string): LeaveBalance {
  const asOf = asked ?? today;
  const year = leaveYear(type, person, asOf);
  const total = (counts: (sum: Sum) => boolean): number =>
    sums.reduce((sum, one) => (one.on <= asOf && counts(one) ? sum + one.delta : sum), 0);
  const ofYear = (...reasons: string[]) => total(({ on, reason }) => on >= year.from && reasons.includes(reason));
  const { toAccrue, toExpire } = asOf < today ? { toAccrue: 0, toExpire: 0 } : ahead(type, person, lots, today, asOf);
  const balance = total(() => true) + toAccrue - toExpire;
  const reserved = asOf < today ? 0 : lots.reduce((sum, lot) => sum + lot.reserved, 0);
  return {
    userId: person.userId,
    userName: person.name,
    typeId: type.id,
    typeCode: type.code,
    typeName: type.name,
    asOf,
    balance,
    reserved,
    available: balance - reserved,
    accrued: ofYear('accrue'),
    taken: -ofYear('consume', 'release') || 0,
    expired: -ofYear('expire') || 0,
    toAccrue,
    toExpire,
    lots: asOf === today ? lots.filter(({ remaining }) => remaining !== 0).map(shown) : [],
  };
}

function ahead(type: LeaveType, person: LeavePerson, lots: readonly StoredLot[], today: string, asOf: string) {
  const prefix = `accrual:${type.id}:${person.userId}:`;
  const given = lots.flatMap(({ sourceKey }) => (sourceKey.startsWith(prefix) ? [sourceKey.slice(prefix.length)] : []));
  const held = lots.filter(({ validFrom, kind }) => validFrom <= asOf && kind !== 'overdraft');
  const projected = project(held, {
    policy: type,
    service: person,
    startsOn: type.startsOn,
    today,
    asOf,
    given: new Set(given),
  });
  // What is due today is booked today; until then nothing of it is there.
  return asOf === today ? { ...projected, toAccrue: 0 } : projected;
}

const shown = ({ id, kind, milliDays, remaining, reserved, validFrom, expiresOn }: StoredLot) => ({
  id,
  kind,
  milliDays,
  remaining,
  reserved,
  validFrom,
  expiresOn,
});
