import type { Fix } from '@loro/contracts/tracking';

/** A fix in the buffer, with the start of the app that made it. */
export interface StoredFix {
  readonly boot: string;
  readonly fix: Fix;
}

/**
 * Where fixes wait until the hub has them. Calls come one after the other, never at the same time.
 */
export interface FixStorage {
  /** The device's id, kept from its first start on; `make` makes it then. */
  device(make: () => string): Promise<string>;
  /** How many fixes wait. */
  count(): Promise<number>;
  append(fixes: readonly StoredFix[]): Promise<void>;
  /** The oldest fixes, in the order in which they came; the first one's boot only. */
  oldest(limit: number): Promise<readonly StoredFix[]>;
  /** Forgets the fixes of a boot up to `n`. */
  forget(boot: string, upTo: number): Promise<void>;
  /** Forgets the oldest `count` fixes, to make room. */
  drop(count: number): Promise<void>;
  close?(): Promise<void>;
}

/** The fixes in order, as the storages keep them in memory. Taking from the front costs no copy of the rest. */
export class FixQueue {
  private list: StoredFix[] = [];
  private start = 0;

  get size(): number {
    return this.list.length - this.start;
  }

  push(fixes: readonly StoredFix[]): void {
    for (const fix of fixes) this.list.push(fix);
  }

  oldest(limit: number): readonly StoredFix[] {
    const window = this.list.slice(this.start, this.start + limit);
    const other = window.findIndex(({ boot }) => boot !== window[0]?.boot);
    return other === -1 ? window : window.slice(0, other);
  }

  forget(boot: string, upTo: number): void {
    if (this.list[this.start]?.boot !== boot) return this.filter(boot, upTo);
    let end = this.start;
    for (let next = this.list[end]; next?.boot === boot && next.fix.n <= upTo; next = this.list[end]) end += 1;
    this.drop(end - this.start);
  }

  drop(count: number): void {
    this.start = Math.min(this.start + count, this.list.length);
    if (this.start < 1_000 || this.start * 2 < this.list.length) return;
    this.list = this.list.slice(this.start);
    this.start = 0;
  }

  all(): readonly StoredFix[] {
    return this.list.slice(this.start);
  }

  private filter(boot: string, upTo: number): void {
    this.list = this.all().filter((entry) => entry.boot !== boot || entry.fix.n > upTo);
    this.start = 0;
  }
}

/**
 * Keeps fixes as long as the process or the page lives: the default.
 *
 * @example
 * const recorder = hub.tracking.recorder({ storage: memoryFixes() });
 */
export function memoryFixes(): FixStorage {
  const queue = new FixQueue();
  let device: string | null = null;
  return {
    device: async (make) => (device ??= make()),
    count: async () => queue.size,
    append: async (fixes) => queue.push(fixes),
    oldest: async (limit) => queue.oldest(limit),
    forget: async (boot, upTo) => queue.forget(boot, upTo),
    drop: async (count) => queue.drop(count),
  };
}
