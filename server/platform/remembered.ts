/** Values that may be a little old: each for `lifeMs`, at most `most` of them. */
export class Remembered<V> {
  private readonly entries = new Map<string, { readonly value: V; readonly until: number }>();

  constructor(
    private readonly lifeMs: number,
    private readonly most: number,
    private readonly now: () => Date,
  ) {}

  get(key: string): V | undefined {
    const entry = this.entries.get(key);
    return entry && entry.until > this.now().getTime() ? entry.value : undefined;
  }

  set(key: string, value: V): void {
    // The oldest come first in a Map; dropping one for each that comes keeps it bounded.
    if (this.entries.size >= this.most) {
      const [oldest] = this.entries.keys();
      if (oldest !== undefined) this.entries.delete(oldest);
    }
    this.entries.delete(key);
    this.entries.set(key, { value, until: this.now().getTime() + this.lifeMs });
  }

  delete(key: string): void {
    this.entries.delete(key);
  }
}
