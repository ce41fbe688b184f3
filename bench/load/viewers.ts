import { spreadOfTimes, type Times } from './times';
import { startsWith } from './client';
import { eventPrefix, type Target } from './wire';

/**
 * What dashboards got. Everybody in a room is sent the same bytes, so a packet is read once and recognised by comparison
 * after that.
 */
export class Viewers {
  deliveries = 0;
  /** Positions, as a screen would show them. */
  shown = 0;
  private readonly prefix: Buffer;
  private readonly carriesFixes: boolean;
  private memo = Buffer.alloc(0);
  private memoShown = 0;
  private memoSentUs = 0;
  private times: number[] | null = null;
  private readonly waiting = new Set<() => void>();

  constructor(target: Target, event: string) {
    this.prefix = eventPrefix(target, event);
    this.carriesFixes = event === 'fixes:moved';
  }

  readonly onEvent = (bytes: Buffer, start: number, end: number): void => {
    if (!startsWith(bytes, start, this.prefix)) return;
    this.deliveries += 1;
    if (this.carriesFixes) this.look(bytes, start, end);
    for (const look of this.waiting) look();
  };

  /** Resolves when so many were delivered in all. */
  async until(count: number, timeoutMs: number): Promise<void> {
    if (this.deliveries >= count) return;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        this.waiting.delete(look);
        reject(new Error(`${this.deliveries} of ${count} were delivered within ${timeoutMs / 1_000} s`));
      }, timeoutMs);
      const look = () => {
        if (this.deliveries < count) return;
        clearTimeout(late);
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
    });
  }

  startClock(): void {
    this.times = [];
  }

  stopClock(): Times {
    const times = this.times ?? [];
    this.times = null;
    return spreadOfTimes(times);
  }

  private look(bytes: Buffer, start: number, end: number): void {
    if (end - start !== this.memo.length || !startsWith(bytes, start, this.memo)) this.read(bytes, start, end);
    this.shown += this.memoShown;
    this.times?.push(Number(process.hrtime.bigint() / 1_000n) - this.memoSentUs);
  }

  private read(bytes: Buffer, start: number, end: number): void {
    this.memo = Buffer.from(bytes.subarray(start, end));
    const text = this.memo.toString('latin1');
    // `["fixes:moved",{"at":…,"fixes":[[key,dt,lat,…],…]},meta]`; see FixesMoved.
    const [, { fixes }] = JSON.parse(text.slice(text.indexOf('['))) as [string, { fixes: number[][] }];
    this.memoShown = fixes.length;
    this.memoSentUs = fixes[0]?.[2] ?? 0;
  }
}
