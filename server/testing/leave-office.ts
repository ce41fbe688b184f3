import { leaveApi } from '@loro/contracts/leave';
import type { LeaveRequestInFull, LeaveType } from '@loro/contracts/leave-values';
import { auth } from '../modules/auth';
import type { Person, TestHub } from './test-hub';

const ZONE = 'Africa/Johannesburg';

type TypeInput = Partial<Omit<LeaveType, 'id' | 'version' | 'code' | 'name'>>;

/** An organisation whose leave is kept: somebody for hr, a manager, and people whose leave it is. */
export class LeaveOffice {
  constructor(
    readonly hub: TestHub,
    readonly hr: Person,
    readonly manager: Person,
  ) {}

  /** An office of today, or of another day: the clock of the hub moves there first. */
  static async open(hub: TestHub, at?: string): Promise<LeaveOffice> {
    if (at !== undefined) moveTo(hub, at);
    const hr = await hub.person({ role: 'hr' });
    const manager = await hub.person({ role: 'manager', beside: hr });
    return new LeaveOffice(hub, hr, manager);
  }

  /** Somebody who reports to the manager. */
  async person(joined: string | null = null): Promise<Person> {
    const person = await this.hub.person({ beside: this.hr });
    await this.hub.sql('UPDATE users SET manager_id = ?, started_on = ? WHERE org_id = ? AND id = ?', [
      this.manager.userId,
      joined,
      person.orgId,
      person.userId,
    ]);
    return person;
  }

  /** The room as somebody calls it, whatever day it became meanwhile. */
  async as(person: Person) {
    return this.hub.api(leaveApi, await this.signedIn(person));
  }

  async signedIn({ orgId, userId }: Person): Promise<{ token: string }> {
    const { sessions } = this.hub.hub.use(auth);
    const { accessToken: token } = await sessions.open(orgId, userId, { name: 'test', ip: '127.0.0.1' });
    return { token };
  }

  async type(code: string, input: TypeInput = {}): Promise<LeaveType> {
    return (await this.as(this.hr)).createType({ code, name: code, ...input });
  }

  async give(person: Person, type: LeaveType, milliDays: number, expiresOn: string | null = null): Promise<void> {
    const given = { userId: person.userId, typeId: type.id, milliDays, reason: 'as agreed', expiresOn };
    await (await this.as(this.hr)).adjust(milliDays > 0 ? { ...given, kind: 'grant' } : given);
  }

  /** Asked for by the person. */
  async ask(person: Person, type: LeaveType, from: string, to = from): Promise<LeaveRequestInFull> {
    return (await this.as(person)).requestLeave({ typeId: type.id, from, to });
  }

  /** Asked for, and agreed to by the manager. */
  async take(person: Person, type: LeaveType, from: string, to = from): Promise<LeaveRequestInFull> {
    const { id } = await this.ask(person, type, from, to);
    return (await this.as(this.manager)).approveLeave({ requestId: id });
  }

  async balance(person: Person, type: LeaveType, asOf?: string) {
    const query = { userId: person.userId, typeId: type.id, ...(asOf !== undefined && { asOf }) };
    const { data } = await (await this.as(this.hr)).balances(query);
    const [balance] = data;
    if (!balance) throw new Error('nobody has this balance');
    return balance;
  }

  /** What is left of each lot, by kind and the day from which it counts. */
  async lots(person: Person, type: LeaveType): Promise<string[]> {
    const { lots } = await this.balance(person, type);
    return lots.map(({ kind, validFrom, remaining }) => `${kind} ${validFrom.slice(5)} ${remaining}`);
  }

  /** A job of a local date, as the tick would ask for it. */
  async run(job: 'accrual' | 'expiry' | 'year-end' | 'taken-marker', date: string): Promise<void> {
    await this.hub.work(`leave.${job}`, { orgId: this.hr.orgId, timezone: ZONE, date });
  }

  /** Whether every lot is the sum of its entries. */
  async isBalanced(): Promise<boolean> {
    const wrong = await this.hub.sql(
      `SELECT l.id FROM leave_lots l WHERE l.org_id = ? AND (
         l.remaining <> (SELECT COALESCE(SUM(e.delta), 0) FROM leave_entries e WHERE e.org_id = l.org_id AND e.lot_id = l.id)
         OR l.reserved <> (SELECT COALESCE(SUM(r.milli_days), 0) FROM leave_reservations r WHERE r.org_id = l.org_id AND r.lot_id = l.id))`,
      [this.hr.orgId],
    );
    return wrong.length === 0;
  }
}

/** Sets the clock of the hub. */
export function moveTo(hub: TestHub, at: string): void {
  hub.clock.advance(Date.parse(at) - hub.clock.now().getTime());
}
