import type { Stop } from './cluster.policy';
import { type Gap, Journey, type JourneyState, type Trip } from './journey.policy';
import { Meter, type MeterState } from './meter.policy';
import { Sieve, type SieveState, type TrackFix } from './sieve.policy';
import { Speedometer, type Speeding, type SpeedingState, type SpeedLimit, SpeedWatch } from './speed.policy';

export interface DayRules {
  /** Metres a second that nothing of this kind reaches. */
  readonly topSpeed: number;
  readonly limitAt: (fix: TrackFix) => SpeedLimit | null;
}

/** What a day’s fixes add up to. */
export interface DaySum {
  readonly trips: readonly Trip[];
  readonly stops: readonly Stop[];
  readonly gaps: readonly Gap[];
  readonly speedings: readonly Speeding[];
  readonly metres: number;
  /** Straight lines over silences, told apart and not part of `metres`. */
  readonly estimatedMetres: number;
  readonly movingMs: number;
  readonly counted: number;
  readonly leftOut: number;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Where the next day goes on from. */
  readonly tail: TrackFix | null;
}

/** Enough to go on with fixes that come later. */
export interface DayState {
  readonly sieve: SieveState;
  readonly journey: JourneyState;
  readonly meter: MeterState;
  readonly recent: readonly TrackFix[];
  readonly speeding: SpeedingState | null;
  readonly estimatedMetres: number;
  readonly seen: number;
  readonly counted: number;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
}

/**
 * A track’s day, fix by fix in order of time (of equal time: device, boot, number). From all fixes at once or from a
 * state and those that came since, the sums are the same.
 */
export class TrackDay {
  readonly trips: Trip[] = [];
  readonly stops: Stop[] = [];
  readonly gaps: Gap[] = [];
  readonly speedings: Speeding[] = [];
  private readonly sieve: Sieve;
  private readonly journey: Journey;
  private readonly meter: Meter;
  private readonly speedometer: Speedometer;
  private readonly watch: SpeedWatch;
  private estimatedMetres: number;
  private seen: number;
  private counted: number;
  private firstAt: number | null;
  private lastAt: number | null;

  /** @param onSettled hears of every fix that is neither doubtful nor a spike */
  constructor(
    private readonly rules: DayRules,
    state?: DayState,
    private readonly onSettled: (fix: TrackFix) => void = () => {},
  ) {
    const { topSpeed } = rules;
    this.sieve = new Sieve(topSpeed, state?.sieve);
    this.journey = new Journey(topSpeed, this.told(), state?.journey);
    this.meter = new Meter(topSpeed, state?.meter);
    this.speedometer = new Speedometer(state?.recent);
    this.watch = new SpeedWatch(state?.speeding);
    this.estimatedMetres = state?.estimatedMetres ?? 0;
    this.seen = state?.seen ?? 0;
    this.counted = state?.counted ?? 0;
    this.firstAt = state?.firstAt ?? null;
    this.lastAt = state?.lastAt ?? null;
  }

  /** The last fix of the day before: the way from it belongs to this day. To be given first. */
  follow(tail: TrackFix): void {
    for (const fix of this.sieve.add(tail)) this.journey.add(fix);
    this.counted = 0;
  }

  add(fix: TrackFix): void {
    this.seen += 1;
    this.firstAt ??= fix.at;
    this.lastAt = fix.at;
    for (const certain of this.sieve.add(fix)) this.journey.add(certain);
  }

  /** Ends nothing: what goes on is told as it stands. */
  sum(): DaySum {
    const speedAt = (fix: TrackFix) => new Speedometer(this.speedometer.state).read(fix);
    const { trip, stop, tail } = this.journey.open(speedAt);
    return {
      trips: trip ? [...this.trips, trip] : this.trips,
      stops: stop ? [...this.stops, stop] : this.stops,
      gaps: this.gaps,
      speedings: this.allSpeedings(speedAt),
      ...this.measured(),
      tail,
    };
  }

  /** Trips and stops that are certain and go on, for whoever watches now. */
  underWay(): { trip: Trip | null; stop: Stop | null; speeding: Speeding | null } {
    const { trip, stop } = this.journey.open();
    return { trip: this.journey.isUnderWay ? trip : null, stop, speeding: this.watch.open };
  }

  private allSpeedings(speedAt: (fix: TrackFix) => number | null): Speeding[] {
    const { miss, stands } = this.journey.now;
    const watch = new SpeedWatch(this.watch.now);
    const ended = miss && !stands ? watch.add(miss.at, speedAt(miss), this.rules.limitAt(miss)) : null;
    return [...this.speedings, ended, watch.open].filter((one) => one !== null);
  }

  measured(): Pick<DaySum, 'metres' | 'estimatedMetres' | 'movingMs' | 'counted' | 'leftOut' | 'firstAt' | 'lastAt'> {
    const { estimatedMetres, counted, firstAt, lastAt } = this;
    // The last miss may turn out to be a spike; until a second one comes it is the newest that is known.
    const { miss, stands } = this.journey.now;
    const meter = new Meter(this.rules.topSpeed, this.meter.now);
    if (miss && !stands) meter.add(miss);
    const { metres, movingMs } = meter.now;
    const all = counted + (miss && !stands ? 1 : 0);
    return { metres, estimatedMetres, movingMs, counted: all, leftOut: this.seen - all, firstAt, lastAt };
  }

  get state(): DayState {
    return {
      sieve: this.sieve.state,
      journey: this.journey.now,
      meter: this.meter.now,
      recent: this.speedometer.state,
      speeding: this.watch.now,
      estimatedMetres: this.estimatedMetres,
      seen: this.seen,
      counted: this.counted,
      firstAt: this.firstAt,
      lastAt: this.lastAt,
    };
  }

  private told() {
    return {
      trip: (trip: Trip) => this.trips.push(trip),
      stop: (stop: Stop) => this.stops.push(stop),
      gap: (gap: Gap) => {
        this.gaps.push(gap);
        this.estimatedMetres += gap.metres;
      },
      settled: (fix: TrackFix) => this.settle(fix),
    };
  }

  private settle(fix: TrackFix): number | null {
    this.counted += 1;
    this.meter.add(fix);
    const speed = this.speedometer.read(fix);
    const ended = this.watch.add(fix.at, speed, this.rules.limitAt(fix));
    if (ended) this.speedings.push(ended);
    this.onSettled(fix);
    return speed;
  }
}

/** The sums of a whole day. `fixes` are in order; `tail` is the last one that counted on the day before. */
export function sumOfDay(
  fixes: Iterable<TrackFix>,
  rules: DayRules,
  { tail, onSettled }: { tail?: TrackFix | null; onSettled?: (fix: TrackFix) => void } = {},
): DaySum {
  const day = new TrackDay(rules, undefined, onSettled);
  if (tail) day.follow(tail);
  for (const fix of fixes) day.add(fix);
  return day.sum();
}
