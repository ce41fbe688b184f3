import type { LiveFix } from './fix.policy';
import type { Hub } from '../../platform';

const EXPIRE_SEC = 3_600;

interface Fleet {
  readonly orgId: string;
  readonly branchId: string;
}

/**
 * The newest positions of each fleet in Redis, so that MySQL need not be written at every tick. What a tick tells is
 * noted first, on the connection that tells it: whoever joins a fleet and then reads here has it, or hears it. Of two
 * nodes that one phone uses within a tick the older value may stay for a second, until MySQL's is the newer one.
 */
export class FleetMirror {
  constructor(private readonly hub: Hub) {}

  /** Without it, readers have only what MySQL knows. */
  get isUp(): boolean {
    return this.hub.redis.status === 'ready';
  }

  note(fleet: Fleet, fixes: ReadonlyMap<number, LiveFix>): void {
    const key = this.keyOf(fleet);
    const fields = [...fixes].flatMap(([liveKey, { at, lat, lng, accuracy, speed, heading }]) => [
      liveKey,
      JSON.stringify([at, lat, lng, accuracy, speed, heading]),
    ]);
    this.hub.redis
      .pipeline()
      .hset(key, ...fields)
      .expire(key, EXPIRE_SEC)
      .exec()
      .catch((error: unknown) => this.hub.log.debug({ err: error }, 'the fleet was not mirrored'));
  }

  /** Newest fixes by live key; empty while Redis is away. */
  async read(fleet: Fleet): Promise<Map<number, LiveFix>> {
    if (!this.isUp) return new Map();
    const fields = await this.hub.redis.hgetall(this.keyOf(fleet)).catch(() => ({}));
    return new Map(
      Object.entries(fields).map(([liveKey, text]) => {
        // Written by `note`.
        const [at, lat, lng, accuracy, speed, heading] = JSON.parse(text) as [
          ...[number, number, number, number],
          ...[number | null, number | null],
        ];
        return [Number(liveKey), { at, lat, lng, accuracy, speed, heading }];
      }),
    );
  }

  private keyOf({ orgId, branchId }: Fleet): string {
    return `${this.hub.config.REDIS_PREFIX}:fleet:{${orgId}:${branchId}}`;
  }
}
