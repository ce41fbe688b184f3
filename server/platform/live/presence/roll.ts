import type { PresentPerson } from '@loro/contracts/presence';
import { PRESENCE_NAMED } from '@loro/contracts/presence';
import type { Redis } from 'ioredis';

/** A branch of an organisation: those who may hear of each other. */
export interface Scope {
  readonly orgId: string;
  readonly branchId: string;
}

/** A person on one device. */
export interface Member {
  readonly userId: string;
  readonly device: string;
  readonly name: string;
}

/** What a write did: how many people are there now, and for whom it was the first device or the last. */
export interface Outcome {
  readonly total: number;
  readonly users: string[];
}

/** A node that was not heard for this long is dead. */
export const LEASE_MS = 10_000;

// KEYS: devices by person, names by person, this node's members. ARGV: person, device, name, and so on.
const ENTER = `
local joined = {}
for i = 1, #ARGV, 3 do
  if redis.call('SADD', KEYS[3], ARGV[i] .. '|' .. ARGV[i + 1]) == 1
    and redis.call('HINCRBY', KEYS[1], ARGV[i], 1) == 1 then
    joined[#joined + 1] = ARGV[i]
  end
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2])
end
return { redis.call('HLEN', KEYS[1]), joined }`;

// The same keys. ARGV: members to take out; none takes out all of the node's.
const LEAVE = `
local gone = ARGV
if #gone == 0 then gone = redis.call('SMEMBERS', KEYS[3]) end
local left = {}
for _, member in ipairs(gone) do
  local person = string.match(member, '^[^|]+')
  if redis.call('SREM', KEYS[3], member) == 1 and redis.call('HINCRBY', KEYS[1], person, -1) <= 0 then
    redis.call('HDEL', KEYS[1], person)
    redis.call('HDEL', KEYS[2], person)
    left[#left + 1] = person
  end
end
return { redis.call('HLEN', KEYS[1]), left }`;

/**
 * Who is where, in Redis, the same for all nodes. A node owns what it wrote; when its lease is gone, whoever sees that
 * first takes its members out. All keys of a scope share a slot, so that one script may touch them in a cluster too.
 */
export class Roll {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
  ) {}

  /** Whether Redis would answer now instead of letting its callers wait. */
  get isReachable(): boolean {
    return this.redis.status === 'ready';
  }

  async enter(scope: Scope, node: string, members: readonly Member[]): Promise<Outcome> {
    // First, so that a crash in between leaves a scope to look at instead of members that nobody finds.
    await this.redis.sadd(this.scopesOf(node), `${scope.orgId}:${scope.branchId}`);
    const triples = members.flatMap(({ userId, device, name }) => [userId, device, name]);
    return this.run(ENTER, scope, node, triples);
  }

  async leave(scope: Scope, node: string, members: readonly Member[]): Promise<Outcome> {
    const names = members.map(({ userId, device }) => `${userId}|${device}`);
    return this.run(LEAVE, scope, node, names);
  }

  /** Takes out everybody whom a dead node held in a scope, at once: of several that try, one hears who left. */
  takeOut(scope: Scope, node: string): Promise<Outcome> {
    return this.run(LEAVE, scope, node, []);
  }

  async read(scope: Scope): Promise<{ total: number; people: PresentPerson[] }> {
    const [, names] = this.keys(scope, '');
    const total = await this.redis.hlen(names);
    const pairs =
      total > PRESENCE_NAMED
        ? (await this.redis.hscan(names, 0, 'COUNT', PRESENCE_NAMED))[1]
        : Object.entries(await this.redis.hgetall(names)).flat();
    const people: PresentPerson[] = [];
    for (let at = 0; at < pairs.length && people.length < PRESENCE_NAMED; at += 2)
      people.push({ userId: pairs[at] ?? '', name: pairs[at + 1] ?? '' });
    return { total, people };
  }

  /** Takes a node's first lease. */
  async open(node: string): Promise<void> {
    await this.redis.set(this.leaseOf(node), '1', 'PX', LEASE_MS);
    await this.redis.sadd(this.nodes, node);
  }

  /** False when the lease is gone: others may have taken the node's members out, so it must come back under a new name. */
  async renew(node: string, forMs = LEASE_MS): Promise<boolean> {
    return (await this.redis.set(this.leaseOf(node), '1', 'PX', forMs, 'XX')) === 'OK';
  }

  /** Nodes whose lease is gone and whose members are still on the roll. */
  async dead(): Promise<string[]> {
    const nodes = await this.redis.smembers(this.nodes);
    const alive = await Promise.all(nodes.map((node) => this.redis.exists(this.leaseOf(node))));
    return nodes.filter((_, index) => alive[index] === 0);
  }

  async scopes(node: string): Promise<Scope[]> {
    const names = await this.redis.smembers(this.scopesOf(node));
    return names.map((name) => {
      const [orgId = '', branchId = ''] = name.split(':');
      return { orgId, branchId };
    });
  }

  /** Strikes a dead node itself, once its members are out. */
  async forget(node: string): Promise<void> {
    await this.redis.del(this.scopesOf(node));
    await this.redis.srem(this.nodes, node);
  }

  private async run(script: string, scope: Scope, node: string, values: readonly string[]): Promise<Outcome> {
    // Both scripts answer a count and a list of names.
    const [total, users] = (await this.redis.eval(script, 3, ...this.keys(scope, node), ...values)) as [
      number,
      string[],
    ];
    return { total, users };
  }

  private keys({ orgId, branchId }: Scope, node: string): [devices: string, names: string, ofNode: string] {
    const scope = `${this.prefix}:presence:{${orgId}:${branchId}}`;
    return [`${scope}:devices`, `${scope}:names`, `${scope}:of:${node}`];
  }

  private get nodes(): string {
    return `${this.prefix}:presence:nodes`;
  }

  private leaseOf(node: string): string {
    return `${this.prefix}:presence:lease:${node}`;
  }

  private scopesOf(node: string): string {
    return `${this.prefix}:presence:scopes:${node}`;
  }
}
