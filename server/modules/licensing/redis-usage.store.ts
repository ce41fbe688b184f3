import { type Hub, ulid } from '../../platform';
import { dayOf, type Period } from './periods.policy';

/** Everything of an organisation lies in one hash, so that a script reaches it on any node of a cluster. */
const USED = 'used';
const OPEN = 'open';
const TAKEN = 'taken';
const SEPARATOR = '|';

/**
 * Adds to a period if it stays within what is allowed, in one step; -1 allows any number.
 * Answers -1 where nothing is known of the period: it is to be brought from MySQL first.
 */
const SPEND = `
local used = redis.call('HGET', KEYS[1], ARGV[1])
if not used then return {-1, 0} end
used = tonumber(used)
local quantity = tonumber(ARGV[3])
local allowed = tonumber(ARGV[4])
if allowed >= 0 and quantity > 0 and used + quantity > allowed then return {0, used} end
used = redis.call('HINCRBY', KEYS[1], ARGV[1], quantity)
if ARGV[2] ~= '' then redis.call('HINCRBY', KEYS[1], ARGV[2], quantity) end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return {1, used}
`;

/** What MySQL knows, and what waits here to be written there; a twin that was quicker wins. */
const BRING = `
local used = tonumber(ARGV[2])
local open = redis.call('HGETALL', KEYS[1])
for i = 1, #open, 2 do
  if string.sub(open[i], 1, #ARGV[3]) == ARGV[3] or string.sub(open[i], 1, #ARGV[4]) == ARGV[4] then used = used + tonumber(open[i + 1]) end
end
redis.call('HSETNX', KEYS[1], ARGV[1], used)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
`;

/** Names what waits as a batch; one that was taken before and not finished comes first. */
const TAKE = `
local all = redis.call('HGETALL', KEYS[1])
local batch = redis.call('HGET', KEYS[1], 'batch')
local sums = {}
for i = 1, #all, 2 do
  local rest = string.match(all[i], '^open(|.*)$')
  if rest and not batch then
    redis.call('HSET', KEYS[1], 'taken' .. rest, all[i + 1])
    redis.call('HDEL', KEYS[1], all[i])
    table.insert(sums, 'taken' .. rest)
    table.insert(sums, all[i + 1])
  elseif batch and string.sub(all[i], 1, 6) == 'taken|' then
    table.insert(sums, all[i])
    table.insert(sums, all[i + 1])
  end
end
if not batch and #sums > 0 then
  batch = ARGV[1]
  redis.call('HSET', KEYS[1], 'batch', batch)
end
return {batch or '', sums}
`;

const DONE = `
if redis.call('HGET', KEYS[1], 'batch') ~= ARGV[1] then return 0 end
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(name, 1, 6) == 'taken|' then redis.call('HDEL', KEYS[1], name) end
end
redis.call('HDEL', KEYS[1], 'batch')
return 1
`;

const KEPT_MS = 45 * 86_400_000;

interface Spent {
  /** `unknown`: Redis knows nothing of the period yet. */
  readonly outcome: 'spent' | 'refused' | 'unknown';
  readonly used: number;
}

/** One sum of a batch, as it goes to MySQL. */
interface Sum extends Period {
  readonly feature: string;
  readonly day: string;
  readonly quantity: number;
}

/** What is used in periods, counted by all nodes together. MySQL keeps it; losing Redis costs a minute of cheap counts. */
export class RedisUsage {
  constructor(private readonly hub: Hub) {}

  get isThere(): boolean {
    return this.hub.redis.status === 'ready';
  }

  /** `waits`: counted here alone, and to be written to MySQL by the flush. */
  async spend(
    orgId: string,
    {
      feature,
      period,
      quantity,
      allowed,
      waits,
    }: { feature: string; period: Period; quantity: number; allowed: number | null; waits: boolean },
  ): Promise<Spent> {
    const name = nameOf(feature, period);
    const day = dayOf(this.hub.now()).start.toISOString().slice(0, 10);
    const open = waits && quantity !== 0 ? [OPEN, name, day].join(SEPARATOR) : '';
    const answer = await this.hub.redis.eval(
      SPEND,
      1,
      this.key(orgId),
      [USED, name].join(SEPARATOR),
      open,
      quantity,
      allowed ?? -1,
      KEPT_MS,
    );
    const [code, used] = pair(answer);
    // After it: whoever takes what waits strikes the organisation off first, and so misses nothing.
    if (open !== '' && code === 1) await this.hub.redis.sadd(this.key('waiting'), orgId);
    return { outcome: code === 1 ? 'spent' : code === 0 ? 'refused' : 'unknown', used };
  }

  /** Tells Redis what MySQL knows of a period. */
  async bring(orgId: string, feature: string, period: Period, used: number): Promise<void> {
    const name = nameOf(feature, period);
    const [open, taken] = [OPEN, TAKEN].map((kind) => [kind, name, ''].join(SEPARATOR));
    await this.hub.redis.eval(
      BRING,
      1,
      this.key(orgId),
      [USED, name].join(SEPARATOR),
      used,
      open ?? '',
      taken ?? '',
      KEPT_MS,
    );
  }

  /** Organisations with something that waits for MySQL. */
  waiting(): Promise<string[]> {
    return this.hub.redis.smembers(this.key('waiting'));
  }

  /** What waits for MySQL, under a name; null: nothing. */
  async take(orgId: string): Promise<{ batch: string; sums: Sum[] } | null> {
    await this.hub.redis.srem(this.key('waiting'), orgId);
    const answer = await this.hub.redis.eval(TAKE, 1, this.key(orgId), ulid());
    const [batch, flat] = Array.isArray(answer) ? answer : [];
    if (typeof batch !== 'string' || batch === '' || !Array.isArray(flat)) return null;
    // Until it is done.
    await this.hub.redis.sadd(this.key('waiting'), orgId);
    const sums = flat.flatMap((name: unknown, at) => (at % 2 === 0 ? [sumOf(String(name), Number(flat[at + 1]))] : []));
    return { batch, sums };
  }

  async done(orgId: string, batch: string): Promise<void> {
    await this.hub.redis.eval(DONE, 1, this.key(orgId), batch);
  }

  private key(name: string): string {
    return `${this.hub.config.REDIS_PREFIX}:usage:${name}`;
  }
}

const nameOf = (feature: string, { start, end }: Period): string =>
  [feature, start.getTime(), end.getTime()].join(SEPARATOR);

function sumOf(name: string, quantity: number): Sum {
  const [, feature = '', start, end, day = ''] = name.split(SEPARATOR);
  return { feature, start: new Date(Number(start)), end: new Date(Number(end)), day, quantity };
}

function pair(answer: unknown): [number, number] {
  if (!Array.isArray(answer)) return [-1, 0];
  return [Number(answer[0]), Number(answer[1])];
}
