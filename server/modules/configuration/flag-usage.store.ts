import { type Hub, ulid } from '../../platform';

const FLUSH_MS = 5_000;
const HOUR_MS = 3_600_000;
const KEPT_MS = 3 * 86_400_000;
const SEPARATOR = '|';

/**
 * Counts what flags were asked and answered. Each process adds up in memory and hands its sums to Redis; a job moves
 * them to MySQL. A process that dies loses at most five seconds of counts, and no sum is added twice.
 */
export class FlagUsage {
  private counts = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly hub: Hub) {}

  count(key: string, isOn: boolean, variant: string | null): void {
    const hour = Math.floor(this.hub.now().getTime() / HOUR_MS) * HOUR_MS;
    const answer = variant === null ? (isOn ? 'on' : 'off') : `=${variant}`;
    const name = [key, hour, answer].join(SEPARATOR);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  start(): void {
    this.timer = setInterval(() => void this.handOver(), FLUSH_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.handOver();
  }

  /** Moves the sums of this process to Redis; while Redis is away they stay where they are. */
  async handOver(): Promise<void> {
    const { redis } = this.hub;
    if (this.counts.size === 0 || redis.status !== 'ready') return;
    const { counts } = this;
    this.counts = new Map();
    const sums = redis.multi();
    for (const [name, n] of counts) sums.hincrby(this.key('open'), name, n);
    await sums.exec().catch((error: unknown) => this.hub.log.warn({ err: error }, 'counts of flags were lost'));
  }

  /** Adds what waits in Redis to the hourly sums. Safe to run twice: a batch has a name, and counts once. */
  async flush(): Promise<void> {
    await this.handOver();
    const { redis } = this.hub;
    const taken = this.key('taken');
    // What an earlier run took and did not finish comes first; it brings its own name.
    if ((await redis.exists(taken)) === 0 && (await redis.exists(this.key('open'))) === 1) {
      await redis.hset(this.key('open'), 'batch', ulid());
      await redis.renamenx(this.key('open'), taken);
    }
    const { batch, ...sums } = await redis.hgetall(taken);
    if (batch === undefined) return;
    await this.write(batch, sums);
    await redis.del(taken);
  }

  private async write(batch: string, sums: Readonly<Record<string, string>>): Promise<void> {
    await this.hub.transact(async () => {
      const query = (sql: string, replacements: unknown[]) => this.hub.sequelize.query(sql, { replacements });
      const [known] = await query('SELECT id FROM flag_usage_batches WHERE id = ? FOR UPDATE', [batch]);
      if (Array.isArray(known) && known.length > 0) return;
      await query('INSERT INTO flag_usage_batches (id, at) VALUES (?, ?)', [batch, this.hub.now()]);
      await query('DELETE FROM flag_usage_batches WHERE at < ?', [new Date(this.hub.now().getTime() - KEPT_MS)]);
      for (const [name, n] of Object.entries(sums).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        const [key, hour, ...answer] = name.split(SEPARATOR);
        await query(
          `INSERT INTO flag_usage_hourly (flag_key, hour, answer, n) VALUES (?, ?, ?, ?)
           ON DUPLICATE KEY UPDATE n = n + ?`,
          [key, new Date(Number(hour)), answer.join(SEPARATOR), Number(n), Number(n)],
        );
      }
    });
  }

  private key(name: string): string {
    return `${this.hub.config.REDIS_PREFIX}:flag-usage:${name}`;
  }
}
