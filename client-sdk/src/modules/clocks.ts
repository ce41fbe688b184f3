import type { Core } from '../module';
import { toLoroError } from '../errors';
import { ulid } from '../ulid';

/**
 * A clock that nobody sets, and the start since which it counts. A page, a process and a phone's start each have one of
 * their own; apps that can read the phone's since its boot give that, so that it outlives a start of the app.
 */
export interface SteadyClock {
  /** Of the start; another id is another clock. */
  readonly boot: string;
  /** Milliseconds since that start. */
  now(): number;
}

/** The hub's clock beside ours, at one moment. */
export interface ClockPair {
  readonly boot: string;
  /** Milliseconds since 1970, by the hub. */
  readonly serverMs: number;
  /** The steady clock at that moment. */
  readonly monoMs: number;
  /** What to add to the clock that people set to get the hub's. */
  readonly wallOffsetMs: number;
  /** How long the asking took; half of it may be wrong. */
  readonly roundTripMs: number;
}

/** When something was, and how sure that is. */
export interface Moment {
  /** Milliseconds since 1970, by the hub's clock as far as it is known. */
  readonly ms: number;
  /**
   * `paired` by the steady clock and a comparison of this start; `corrected` by the clock that people set and what was
   * wrong with it last; `claimed` by that clock alone.
   */
  readonly source: 'paired' | 'corrected' | 'claimed';
}

const boot = ulid();

/** Of this page or process. */
export const steadyClock: SteadyClock = { boot, now: () => performance.now() };

const KEY = 'loro:clock';
const EVERY_MS = 10 * 60_000;
/** An answer that took longer says too little. */
const SLOW_MS = 5_000;

interface Asked {
  readonly s1: number;
  readonly s2: number;
}

/** Compares this device's clocks with the hub's: when a connection begins, and every ten minutes while it lasts. */
export class FieldClock {
  pair: ClockPair | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private started: Promise<void> | null = null;
  private syncing: Promise<ClockPair | null> | null = null;
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly core: Pick<Core, 'link' | 'storage' | 'log'>,
    private readonly steady: SteadyClock = steadyClock,
    /** Tells the hub whose clock it is, where the device is enrolled with a key. */
    private readonly deviceId?: string,
  ) {}

  get boot(): string {
    return this.steady.boot;
  }

  /** Reads what an earlier start knew, and compares from now on. */
  start(): Promise<void> {
    this.started ??= this.begin();
    return this.started;
  }

  stop(): void {
    clearInterval(this.timer);
    for (const stop of this.stops.splice(0)) stop();
    this.started = null;
  }

  /** The steady clock now. */
  monoMs(): number {
    return this.steady.now();
  }

  /** When it is now, or was at a moment of the steady clock. */
  moment(monoMs = this.steady.now()): Moment {
    const { pair } = this;
    if (pair?.boot === this.steady.boot) return { ms: pair.serverMs + (monoMs - pair.monoMs), source: 'paired' };
    const claimedMs = Date.now() - (this.steady.now() - monoMs);
    return pair ? { ms: claimedMs + pair.wallOffsetMs, source: 'corrected' } : { ms: claimedMs, source: 'claimed' };
  }

  /** Compares now; null where the hub was not reached. */
  sync(): Promise<ClockPair | null> {
    this.syncing ??= this.ask().finally(() => {
      this.syncing = null;
    });
    return this.syncing;
  }

  private async begin(): Promise<void> {
    const { link, storage, log } = this.core;
    this.stops.push(link.onStatus(({ state }) => void (state === 'live' && this.sync())));
    this.timer = setInterval(() => void (link.status.state === 'live' && this.sync()), EVERY_MS);
    // The timer alone must not keep a process alive; browsers give a number.
    if (typeof this.timer === 'object') this.timer.unref();
    try {
      this.pair ??= parse(await storage.get(KEY));
    } catch (error) {
      log('warn', 'the clock of an earlier start could not be read', { code: toLoroError(error).code });
    }
    if (link.status.state === 'live') void this.sync();
  }

  private async ask(): Promise<ClockPair | null> {
    const { link, storage, log } = this.core;
    try {
      const channel = link.channel('/check-ins');
      const sentMs = this.steady.now();
      const { deviceId, steady } = this;
      // The shape is the contract's; the hub's own tests hold it to it.
      const answer = (await channel.call('time:sync', {
        c0: Date.now(),
        ...(deviceId !== undefined && { deviceId, bootId: steady.boot, monoMs: sentMs }),
      })) as Asked;
      const pair = pairOf(answer, { boot: steady.boot, sentMs, gotMs: steady.now(), wallMs: Date.now() });
      if (pair.roundTripMs > SLOW_MS && this.pair?.boot === pair.boot) return this.pair;
      this.pair = pair;
      await storage.set(KEY, JSON.stringify(pair));
      return pair;
    } catch (error) {
      log('debug', 'the clocks were not compared', { code: toLoroError(error).code });
      return null;
    }
  }
}

/** What an answer says: the way there and the way back are taken to be as long as each other. */
export function pairOf(
  { s1, s2 }: Asked,
  at: { readonly boot: string; readonly sentMs: number; readonly gotMs: number; readonly wallMs: number },
): ClockPair {
  const roundTripMs = Math.max(0, at.gotMs - at.sentMs - (s2 - s1));
  const serverMs = s2 + roundTripMs / 2;
  return { boot: at.boot, serverMs, monoMs: at.gotMs, wallOffsetMs: serverMs - at.wallMs, roundTripMs };
}

function parse(text: string | null): ClockPair | null {
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  return isPair(value) ? value : null;
}

function isPair(value: unknown): value is ClockPair {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return (
    typeof fields.get('boot') === 'string' &&
    ['serverMs', 'monoMs', 'wallOffsetMs', 'roundTripMs'].every((name) => Number.isFinite(fields.get(name)))
  );
}
