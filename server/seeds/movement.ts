import type { DemoCompany, DemoPerson } from './company.types';
import { type Agenda, endlessShift, SHIFT_S, workingDay } from './errands';
import { type Coordinates, toCoordinates } from './geo';
import { type FixSample, GpsDevice } from './gps';
import { randomFrom, stableId } from './random';
import type { Site } from './sites';
import { type Mode, Traveller } from './traveller';

export type { FixSample } from './gps';

/** Seconds between fixes. */
export interface Sampling {
  readonly movingS: number;
  readonly stillS: number;
}
export const HISTORY_SAMPLING: Sampling = { movingS: 10, stillS: 60 };

/** A stop somewhere, as it really was; `leftS` is null while it lasts. Seconds count from the start of the shift. */
export interface Stay {
  readonly site: Site;
  readonly place: Coordinates;
  readonly arrivedS: number;
  leftS: number | null;
}

export interface PersonDay {
  readonly person: DemoPerson;
  /** Local to the branch, `2026-11-24`. */
  readonly date: string;
  readonly startsAt: Date;
  /** A ULID: the boot that these fixes are numbered under. */
  readonly boot: string;
  readonly fixes: readonly FixSample[];
  readonly stays: readonly Stay[];
}

export interface DayOptions {
  readonly sampling?: Sampling;
  /** Ends the day early, for a day that is still going on; a stay at that moment stays open. */
  readonly until?: Date;
}

/** Follows an agenda through the streets: still for a while, off to the next errand, still again. */
class Errander {
  stay: Stay;
  isPrivate = false;
  mode: Mode = 'car';
  elapsedS = 0;
  private dwellS: number;
  private goal: Site;
  private readonly traveller: Traveller;
  private readonly gps: GpsDevice;

  constructor(
    private readonly person: DemoPerson,
    private readonly agenda: Agenda,
    private readonly startsAt: Date,
    private readonly onArrival: (stay: Stay) => void,
    ...words: readonly string[]
  ) {
    this.traveller = new Traveller(agenda.start, randomFrom('way', person.id, ...words));
    this.gps = new GpsDevice(person.branch.fence.center, randomFrom('gps', person.id, ...words));
    this.goal = agenda.start;
    this.dwellS = agenda.startDwellS;
    this.stay = this.arrive();
  }

  get isTravelling(): boolean {
    return this.traveller.isTravelling;
  }

  /** Seconds until the next departure; 0 on the way. */
  get dwellLeftS(): number {
    return this.isTravelling ? 0 : this.dwellS;
  }

  advance(seconds: number): void {
    let left = seconds;
    while (left > 0) {
      const before = left;
      if (this.isTravelling) left = this.traveller.advance(left);
      else {
        const rest = Math.min(left, this.dwellS);
        this.dwellS -= rest;
        left -= rest;
      }
      this.elapsedS += before - left;
      if (this.isTravelling) continue;
      if (this.stay.site !== this.goal) this.stay = this.arrive();
      if (this.dwellS <= 0) this.leave();
    }
  }

  read(sinceS: number, segment: number): FixSample {
    const at = new Date(this.startsAt.getTime() + Math.round(this.elapsedS * 1_000));
    return this.gps.read(this.traveller, sinceS, at, segment);
  }

  private arrive(): Stay {
    const place = toCoordinates(this.person.branch.fence.center, this.goal.at);
    const stay: Stay = { site: this.goal, place, arrivedS: this.elapsedS, leftS: null };
    this.onArrival(stay);
    return stay;
  }

  private leave(): void {
    const here = this.stay.site;
    const errand = this.agenda.next(this.elapsedS, here);
    this.dwellS = Math.max(1, errand.dwellS);
    if (errand.to === here) return;
    this.stay.leftS = this.elapsedS;
    this.isPrivate = errand.isPrivate === true;
    this.goal = errand.to;
    this.mode = errand.mode;
    this.traveller.depart(here, errand.to, errand.mode);
  }
}

/** A whole working day of one person. The same person, date and seed give the same day, whatever else was asked before. */
export function simulateDay(person: DemoPerson, date: string, seed: string, options: DayOptions = {}): PersonDay {
  const sampling = options.sampling ?? HISTORY_SAMPLING;
  const startsAt = shiftStart(date);
  const untilS = ((options.until?.getTime() ?? Infinity) - startsAt.getTime()) / 1_000;
  // Whole seconds only: a sliver of one at the end would repeat the last fix's millisecond.
  const endS = Math.min(SHIFT_S, Math.floor(untilS));
  const boot = stableId(startsAt, seed, 'boot', person.id, date);
  if (endS <= 0) return { person, date, startsAt, boot, fixes: [], stays: [] };

  const stays: Stay[] = [];
  const fixes: FixSample[] = [];
  const agenda = workingDay(person, randomFrom('agenda', person.id, date, seed));
  const errander = new Errander(person, agenda, startsAt, (stay) => stays.push(stay), date, seed);
  let segment = 0;
  let recordedS = 0;
  let isPaused = false;
  while (errander.elapsedS < endS) {
    const pause = Math.max(sampling.movingS, Math.min(sampling.stillS, errander.dwellLeftS));
    errander.advance(Math.min(errander.isTravelling ? sampling.movingS : pause, endS - errander.elapsedS));
    // Lunch is a person's own hour: the recording pauses, and what follows is a new segment.
    const isLunch = errander.isPrivate;
    if (isPaused && !isLunch) segment += 1;
    isPaused = isLunch;
    if (isLunch) continue;
    fixes.push(errander.read(errander.elapsedS - recordedS, segment));
    recordedS = errander.elapsedS;
  }
  return { person, date, startsAt, boot, fixes, stays };
}

export function dayOfMovement(person: DemoPerson, date: string, seed: string, options: DayOptions = {}): FixSample[] {
  return [...simulateDay(person, date, seed, options).fixes];
}

/** Day by day and person by person; only one person's day is in memory at a time. About one in twelve is away. */
export function* movementOf(
  company: DemoCompany,
  dates: readonly string[],
  options: DayOptions = {},
): Generator<PersonDay, void, void> {
  for (const date of dates) {
    for (const person of company.people) {
      if (randomFrom('leave', company.seed, person.id, date).chance(0.08)) continue;
      const day = simulateDay(person, date, company.seed, options);
      if (day.fixes.length > 0) yield day;
    }
  }
}

/** The last `count` dates from Monday to Friday up to and with `last`, oldest first. */
export function workingDates(last: string, count: number): string[] {
  const dates: string[] = [];
  for (let day = Date.parse(last); dates.length < count; day -= 86_400_000) {
    const date = new Date(day);
    const isWeekend = date.getUTCDay() % 6 === 0;
    if (!isWeekend) dates.unshift(date.toISOString().slice(0, 10));
  }
  return dates;
}

export interface Walker {
  readonly person: DemoPerson;
  /** Moves on by `dtSec` and reads the device. */
  next(dtSec: number): FixSample;
  /** What the person is up to; a `stopped` at a client is a chance to check in. */
  state(): WalkerState;
}

export interface WalkerState {
  readonly activity: 'driving' | 'walking' | 'stopped';
  /** The stop one is at, or came from while on the way. */
  readonly site: Pick<Site, 'kind' | 'name'>;
}

/** A person in an endless shift, regardless of the clock: `at` of each fix is `startsAt` plus the seconds asked for. */
export function walker(person: DemoPerson, seed: string, startsAt: Date): Walker {
  const agenda = endlessShift(person, randomFrom('endless', person.id, seed));
  const errander = new Errander(person, agenda, startsAt, () => {}, 'endless', seed);
  return {
    person,
    next(dtSec) {
      errander.advance(dtSec);
      return errander.read(dtSec, 0);
    },
    state() {
      const onTheWay = errander.mode === 'foot' ? 'walking' : 'driving';
      const { kind, name } = errander.stay.site;
      return { activity: errander.isTravelling ? onTheWay : 'stopped', site: { kind, name } };
    },
  };
}

/** South Africa has kept two hours before UTC, summer and winter, since 1944: no zone arithmetic is called for. */
function shiftStart(date: string): Date {
  return new Date(`${date}T08:00:00+02:00`);
}
