import { attendanceApi } from '@loro/contracts/attendance';
import type { NewShift } from '@loro/contracts/attendance-rosters';
import type { z } from 'zod';
import { ulid, wallTime } from '../platform';
import type { Person, TestHub } from './test-hub';

/** What tests of attendance begin with: a clock at a wall time, people, shifts, punches. */
export class Scene {
  constructor(
    private readonly hub: TestHub,
    readonly zone = 'Africa/Johannesburg',
  ) {}

  at(date: string, time: string): string {
    return wallTime(date, time, this.zone).toISOString();
  }

  /** Moves the clock forward to a wall time; whoever signed in before is signed out by then. */
  setClock(date: string, time: string): void {
    this.hub.clock.advance(wallTime(date, time, this.zone).getTime() - this.hub.clock.now().getTime());
  }

  api(person: Pick<Person, 'token'>) {
    return this.hub.api(attendanceApi, person);
  }

  /** Somebody who signed in just now, beside others. */
  beside(person: Person, role: 'admin' | 'hr' | 'manager' | 'staff' = 'manager'): Promise<Person> {
    return this.hub.person({ role, beside: person });
  }

  async shift(owner: Person, some: Partial<z.input<typeof NewShift>> = {}): Promise<string> {
    const name = `Shift ${ulid().slice(-8)}`;
    const { id } = await this.api(owner).createShift({ name, startLocal: '08:00', endLocal: '17:00', ...some });
    return id;
  }

  /** Gives a shift to a person from the beginning of 2026. */
  async roster(owner: Person, userId: string, some: Partial<z.input<typeof NewShift>> = {}): Promise<string> {
    const shiftId = await this.shift(owner, some);
    await this.api(owner).assign({ targetType: 'user', targetId: userId, shiftId, from: '2026-01-01' });
    return shiftId;
  }

  /** Punches of a reader: `in 08:00`. */
  async punch(owner: Person, userId: string, date: string, ...said: string[]) {
    const punches = said.map((one) => {
      const [direction = 'in', time = '08:00'] = one.split(' ');
      return { sourceId: ulid(), userId, at: this.at(date, time), direction: directionOf(direction) };
    });
    return this.api(owner).punch({ punches });
  }

  async compute({ orgId, userId }: Pick<Person, 'orgId' | 'userId'>, date: string): Promise<void> {
    await this.hub.work('attendance.compute-day', { orgId, userId, date });
  }

  async day(reader: Person, userId: string, date: string) {
    const { data } = await this.api(reader).days({ userId, from: date, limit: 200 });
    return data.filter(({ workDate }) => workDate === date);
  }

  async tick(): Promise<void> {
    await this.hub.work('attendance.tick', { tick: this.hub.clock.now().toISOString() });
  }
}

const directionOf = (text: string) => {
  const known = ['in', 'out', 'break_start', 'break_end', 'auto'] as const;
  const found = known.find((one) => one === text);
  if (!found) throw new Error(`${text} is no direction`);
  return found;
};
