import { localError } from '../errors';
import { listen, tell } from '../transport/timing';
import type { FieldClock } from './clocks';
import type { Reading, Recorder, RecorderOptions } from './recorder';
import { type Sample, Sampler, type SamplingPlan, type TrackingMode } from './sampler';

/** A reading of a positioning device, in the units of a fix. */
export interface RawReading extends Omit<Reading, 'at' | 'segment'> {
  /** How old it is, in milliseconds; 0 by default. */
  readonly ageMs?: number;
}

/** Where readings come from. Started anew when the plan changes. */
export interface FixSource {
  /** @returns the way to stop */
  start(plan: SamplingPlan, onReading: (reading: RawReading) => void): () => void;
}

export interface TrackerOptions extends RecorderOptions {
  readonly mode?: TrackingMode;
  /** The browser’s geolocation by default; apps with one of their own may call `push` instead. */
  readonly source?: FixSource;
  /** Where fixes go; a new one of these options by default. */
  readonly recorder?: Recorder;
}

/** Records where a device is, by a plan that follows the hub, the movement and the battery. */
export interface Tracker {
  readonly recorder: Recorder;
  readonly mode: TrackingMode;
  setMode(mode: TrackingMode): void;
  /** How positions are asked for now; a new object whenever it changes. */
  readonly plan: SamplingPlan;
  onPlan(listener: (plan: SamplingPlan) => void): () => void;
  /** Takes readings from the source until `stop`. */
  start(): void;
  /** A break: what is recorded after the next `start` is a segment of its own. */
  stop(): void;
  /** A reading of a source of the app’s own. @returns whether it was worth a fix */
  push(reading: RawReading): Promise<boolean>;
  /** Records a reading, by default the last one, whatever the plan says. */
  mark(reading?: RawReading): Promise<void>;
  /** @param level 0 to 1 */
  setBattery(level: number, isCharging: boolean): void;
  close(): Promise<void>;
}

/** A plan is looked at again so often where no reading comes: a pace ends by itself. */
const LOOK_MS = 15_000;

export class FieldTracker implements Tracker {
  plan: SamplingPlan;
  private readonly sampler: Sampler;
  private readonly source: FixSource | null;
  private readonly plans = new Set<(plan: SamplingPlan) => void>();
  private readonly stops: (() => void)[];
  private stopSource: (() => void) | null = null;
  private looking: ReturnType<typeof setInterval> | undefined;
  private running = false;
  private segment = 0;
  /** A break lies between the last fix and the next one. */
  private broken = false;
  private last: { readonly reading: RawReading; readonly monoMs: number } | null = null;
  private lastAt = 0;
  private battery: number | null = null;

  constructor(
    readonly recorder: Recorder,
    private readonly clock: FieldClock,
    { mode = 'move', source = browserSource() }: { readonly mode?: TrackingMode; readonly source?: FixSource | null },
  ) {
    this.sampler = new Sampler(mode);
    this.source = source;
    if (recorder.pace) this.sampler.takePace(recorder.pace);
    this.plan = this.sampler.plan(this.now());
    this.stops = [
      recorder.onPace((pace) => {
        this.sampler.takePace(pace);
        this.look();
      }),
    ];
    void clock.start();
  }

  get mode(): TrackingMode {
    return this.sampler.mode;
  }

  setMode(mode: TrackingMode): void {
    if (mode === this.sampler.mode) return;
    this.sampler.mode = mode;
    this.look();
    // What is asked for anew may be as precise as before and still begin elsewhere.
    if (mode === 'quiet') this.breakOff();
  }

  onPlan(listener: (plan: SamplingPlan) => void): () => void {
    return listen(this.plans, listener);
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.looking = setInterval(() => this.look(), LOOK_MS);
    this.listenToSource();
  }

  stop(): void {
    if (!this.running) return;
    this.running = false;
    clearInterval(this.looking);
    this.stopSource?.();
    this.stopSource = null;
    this.breakOff();
  }

  async push(reading: RawReading): Promise<boolean> {
    const monoMs = this.note(reading);
    const sample = this.sampleOf(reading, monoMs);
    const isKept = this.sampler.keeps(sample, this.now());
    this.look();
    if (isKept) await this.record(reading, monoMs);
    return isKept;
  }

  async mark(reading?: RawReading): Promise<void> {
    const known = reading ? { reading, monoMs: this.note(reading) } : this.last;
    if (!known) throw localError('NO_POSITION', 'Where this device is, is not known yet.');
    this.sampler.mark(this.sampleOf(known.reading, known.monoMs));
    await this.record(known.reading, known.monoMs);
  }

  setBattery(level: number, isCharging: boolean): void {
    this.battery = level;
    this.sampler.takeBattery(level, isCharging);
    this.look();
  }

  async close(): Promise<void> {
    this.stop();
    for (const stop of this.stops) stop();
    await this.recorder.close();
  }

  private now(): number {
    return this.clock.moment().ms;
  }

  private note(reading: RawReading): number {
    const monoMs = this.clock.monoMs() - (reading.ageMs ?? 0);
    if (!this.last || monoMs >= this.last.monoMs) this.last = { reading, monoMs };
    return monoMs;
  }

  private sampleOf({ lat, lng, accuracy, speed, heading }: RawReading, monoMs: number): Sample {
    return { at: this.clock.moment(monoMs).ms, lat, lng, accuracy, speed, heading };
  }

  private async record(reading: RawReading, monoMs: number): Promise<void> {
    if (this.broken) this.segment += 1;
    this.broken = false;
    // A comparison of clocks may put the time back a little; the order of the fixes stays.
    const at = Math.max(this.lastAt + 1, Math.round(this.clock.moment(monoMs).ms));
    this.lastAt = at;
    const { lat, lng, accuracy, altitude, speed, speedAccuracy, heading, odometer, mock } = reading;
    await this.recorder.report({
      at: new Date(at).toISOString(),
      segment: this.segment,
      lat,
      lng,
      accuracy,
      altitude,
      speed,
      speedAccuracy,
      heading,
      odometer,
      battery: reading.battery ?? this.battery,
      ...(mock !== undefined && { mock }),
    });
  }

  private breakOff(): void {
    this.broken = this.lastAt > 0;
    this.sampler.restart();
  }

  /** Tells of a new plan, and asks the source by it. */
  private look(): void {
    const plan = this.sampler.plan(this.now());
    const { intervalMs, distanceM, accuracy, heartbeatMs } = this.plan;
    const isSame =
      plan.intervalMs === intervalMs &&
      plan.distanceM === distanceM &&
      plan.accuracy === accuracy &&
      plan.heartbeatMs === heartbeatMs;
    if (isSame) return;
    this.plan = Object.freeze(plan);
    tell(this.plans, plan);
    if (this.running) this.listenToSource();
  }

  private listenToSource(): void {
    this.stopSource?.();
    this.stopSource = null;
    if (this.plan.accuracy === 'none' || !this.source) return;
    this.stopSource = this.source.start(this.plan, (reading) => {
      // The recorder tells of its own troubles.
      this.push(reading).catch(() => {});
    });
  }
}

/** The browser's geolocation; null where there is none. */
function browserSource(): FixSource | null {
  if (typeof navigator === 'undefined' || !('geolocation' in navigator)) return null;
  const { geolocation } = navigator;
  return {
    start: ({ accuracy, intervalMs }, onReading) => {
      const watch = geolocation.watchPosition(
        ({ coords, timestamp }) =>
          onReading({
            lat: coords.latitude,
            lng: coords.longitude,
            accuracy: coords.accuracy,
            altitude: coords.altitude,
            speed: coords.speed,
            // Without movement browsers give NaN.
            heading: coords.heading === null || Number.isNaN(coords.heading) ? null : coords.heading,
            ageMs: Math.max(0, Date.now() - timestamp),
          }),
        () => {},
        { enableHighAccuracy: accuracy === 'high', maximumAge: Math.min(intervalMs / 2, 30_000) },
      );
      return () => geolocation.clearWatch(watch);
    },
  };
}
