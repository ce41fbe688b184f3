import { leaveLive } from '@loro/contracts/leave-live';
import type { LeaveType } from '@loro/contracts/leave-values';
import { UniqueConstraintError } from 'sequelize';
import { addDays, type Hub } from '../../platform';
import { branches } from '../branches';
import type { Account, LeaveAccountsStore, StoredLot } from './leave-accounts.store';
import { closeYear, isOfYear } from './leave-lots.policy';
import type { LeavePeopleStore, LeavePerson } from './leave-people.store';
import { accruesFor } from './leave-rules.policy';
import type { LeaveTypesService } from './leave-types.service';
import { carryExpiresOn, type Grant, grantsDue, leaveYear, underCap } from './leave-year.policy';

export interface Run {
  readonly orgId: string;
  readonly timezone: string;
  readonly date: string;
}

interface Expiring {
  readonly userId: string;
  readonly typeId: string;
  readonly typeCode: string;
  /** A sum comes as text from some servers. */
  readonly milliDays: number | string;
  readonly expiresOn: string;
}

const AT_ONCE = 200;
/** So long before they expire people are told of their days. */
const TOLD_DAYS = [30, 7];

/**
 * What a local date does to balances. Everything is found by what is stored, not by the date that runs: a day without a
 * worker is made up for, and a run that comes twice finds nothing left to do.
 */
export class LeaveYearService {
  constructor(
    private readonly hub: Hub,
    private readonly by: {
      readonly accounts: LeaveAccountsStore;
      readonly people: LeavePeopleStore;
      readonly types: LeaveTypesService;
    },
  ) {}

  /** Gives what is due; years that ended while nobody looked are closed in their turn. */
  async accrue({ orgId, timezone, date }: Run): Promise<void> {
    const types = (await this.by.types.counted(orgId)).filter(({ accrual }) => accrual.every !== 'none');
    await this.eachPerson(orgId, timezone, async (person) => {
      for (const type of types) {
        if (type.isActive) await this.give(orgId, person, type, date);
        const { from } = leaveYear(type, person, date);
        await this.close(orgId, person, type, addDays(from, -1));
      }
    });
  }

  /** Carries over what the years that end on this date leave. */
  async closeYears({ orgId, timezone, date }: Run): Promise<void> {
    const types = (await this.by.types.counted(orgId)).filter(({ accrual }) => accrual.every !== 'none');
    await this.eachPerson(orgId, timezone, async (person) => {
      for (const type of types)
        if (leaveYear(type, person, date).to === date) await this.close(orgId, person, type, date);
    });
  }

  /** Lots whose last day is over hold nothing any more, but what waits for a decision. */
  async expire({ orgId, timezone, date }: Run): Promise<void> {
    const due = await this.hub.select<Account>(
      `SELECT DISTINCT l.org_id AS orgId, l.user_id AS userId, l.type_id AS typeId FROM leave_lots l
         JOIN leave_people p ON p.org_id = l.org_id AND p.user_id = l.user_id AND p.timezone = :timezone
       WHERE l.org_id = :orgId AND l.expires_on < :date AND l.remaining > l.reserved AND l.kind <> 'overdraft'
       ORDER BY l.user_id, l.type_id`,
      { orgId, timezone, date },
    );
    for (const account of due) await this.expireLots(account, date);
    await this.tellExpiring({ orgId, timezone, date });
  }

  private async give(orgId: string, person: LeavePerson, type: LeaveType, date: string): Promise<void> {
    const { userId, branchId } = person;
    const due = grantsDue(type, person, { since: type.startsOn, by: date });
    const keyOf = ({ period }: Grant): string => `accrual:${type.id}:${userId}:${period}`;
    const known = await this.by.accounts.known(orgId, due.map(keyOf));
    const missing = due.filter((grant) => !known.has(keyOf(grant)));
    if (missing.length === 0) return;
    const { branchIds } = type.eligibility;
    const chain = branchIds && branchId !== null ? await this.hub.use(branches).chainOf(orgId, branchId) : [];
    if (!accruesFor(type, person, chain)) return;
    const account = { orgId, userId, typeId: type.id };
    await this.hub.transact(async () => {
      await this.by.accounts.lock(account);
      for (const grant of missing) {
        const lots = await this.by.accounts.lots(account);
        if (lots.some(({ sourceKey }) => sourceKey === keyOf(grant))) continue;
        const balance = lots.reduce((sum, { remaining }) => sum + remaining, 0);
        const milliDays = underCap(grant.milliDays, balance, type.maxBalanceMilliDays);
        const lot = {
          kind: 'accrual',
          milliDays,
          validFrom: grant.on,
          expiresOn: null,
          sourceKey: keyOf(grant),
        } as const;
        await this.by.accounts.add(account, lot, { reason: 'accrue', on: grant.on });
      }
    });
  }

  /** Ends a leave year for one person and type, once. */
  private async close(orgId: string, person: LeavePerson, type: LeaveType, yearEnd: string): Promise<void> {
    const account = { orgId, userId: person.userId, typeId: type.id };
    const sourceKey = `carry:${type.id}:${person.userId}:${yearEnd}`;
    if ((await this.by.accounts.known(orgId, [sourceKey])).size > 0) return;
    await this.hub.transact(async () => {
      await this.by.accounts.lock(account);
      const lots = await this.by.accounts.lots(account);
      if (lots.some((lot) => lot.sourceKey === sourceKey)) return;
      const touched = lots.filter((lot) => isOfYear(lot, yearEnd));
      if (touched.length === 0) return;
      await this.carry(account, type, { touched, yearEnd, sourceKey });
    });
  }

  private async carry(
    account: Account,
    type: LeaveType,
    { touched, yearEnd, sourceKey }: { touched: readonly StoredLot[]; yearEnd: string; sourceKey: string },
  ): Promise<void> {
    const on = addDays(yearEnd, 1);
    const { carried, lots } = closeYear(touched, type.carryMaxMilliDays);
    await this.by.accounts.enter(
      account,
      lots.flatMap(({ id, carry, expire }) => [
        { lotId: id, delta: -carry, reason: 'carry_out' as const, on },
        { lotId: id, delta: -expire, reason: 'expire' as const, on },
      ]),
    );
    const carryId = await this.by.accounts.add(
      account,
      { kind: 'carry', milliDays: carried, validFrom: on, expiresOn: carryExpiresOn(on, type.carryExpires), sourceKey },
      { reason: 'carry_in', on },
    );
    for (const { id } of touched) await this.by.accounts.end(account.orgId, id, yearEnd, carryId);
  }

  private async expireLots(account: Account, date: string): Promise<void> {
    const type = await this.by.types.byId(account.orgId, account.typeId);
    await this.hub.transact(async () => {
      await this.by.accounts.lock(account);
      const lots = await this.by.accounts.lots(account);
      for (const lot of lots) {
        if (lot.expiresOn === null || lot.expiresOn >= date || lot.free <= 0 || lot.kind === 'overdraft') continue;
        const carried = await this.carryLate(account, type, { lot, lots, date });
        const on = addDays(lot.expiresOn, 1);
        await this.by.accounts.enter(account, [{ lotId: lot.id, delta: carried - lot.free, reason: 'expire', on }]);
      }
    });
  }

  /** What came back after its year was closed is carried too, as far as there is room. @returns how much */
  private async carryLate(
    account: Account,
    type: LeaveType,
    { lot, lots, date }: { lot: StoredLot; lots: readonly StoredLot[]; date: string },
  ): Promise<number> {
    const carry = lots.find(({ id }) => id === lot.carryId);
    if (!carry || (carry.expiresOn !== null && carry.expiresOn < date)) return 0;
    const room = type.carryMaxMilliDays === null ? lot.free : type.carryMaxMilliDays - carry.milliDays;
    const late = Math.max(0, Math.min(room, lot.free));
    if (late === 0) return 0;
    await this.by.accounts.widen(account.orgId, carry.id, late);
    await this.by.accounts.enter(account, [
      { lotId: lot.id, delta: -late, reason: 'carry_out', on: date },
      { lotId: carry.id, delta: late, reason: 'carry_in', on: date },
    ]);
    return late;
  }

  /** Once a local date, however often it runs. */
  private async tellExpiring({ orgId, timezone, date }: Run): Promise<void> {
    const rows = await this.hub.select<Expiring>(
      `SELECT l.user_id AS userId, l.type_id AS typeId, t.code AS typeCode, DATE_FORMAT(l.expires_on, '%Y-%m-%d') AS expiresOn,
         CAST(SUM(l.remaining - l.reserved) AS SIGNED) AS milliDays
       FROM leave_lots l JOIN leave_types t ON t.org_id = l.org_id AND t.id = l.type_id
         JOIN leave_people p ON p.org_id = l.org_id AND p.user_id = l.user_id AND p.timezone = :timezone AND p.status = 'active'
       WHERE l.org_id = :orgId AND l.expires_on IN (:dates) AND l.remaining > l.reserved AND l.kind <> 'overdraft'
       GROUP BY l.user_id, l.type_id, t.code, l.expires_on`,
      { orgId, timezone, dates: TOLD_DAYS.map((days) => addDays(date, days)) },
    );
    if (rows.length === 0) return;
    await this.hub
      .transact(async (after) => {
        await this.hub.sequelize.query(
          "INSERT INTO leave_runs (org_id, timezone, job, local_date, asked_at) VALUES (:orgId, :timezone, 'told', :date, :at)",
          { replacements: { orgId, timezone, date, at: this.hub.now() } },
        );
        for (const row of rows) {
          const told = { ...row, milliDays: Number(row.milliDays) };
          after.publish(leaveLive, 'leave:expiring', { orgId, id: row.userId }, told);
        }
      })
      .catch((error: unknown) => {
        if (!(error instanceof UniqueConstraintError)) throw error;
      });
  }

  private async eachPerson(
    orgId: string,
    timezone: string,
    work: (person: LeavePerson) => Promise<void>,
  ): Promise<void> {
    for (let seen = ''; ;) {
      const people = await this.by.people.ofZone(orgId, timezone, seen, AT_ONCE);
      for (const person of people) await work(person);
      const last = people.at(-1);
      if (!last || people.length < AT_ONCE) return;
      seen = last.userId;
    }
  }
}
