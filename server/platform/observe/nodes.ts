import { HeardStream, NodeStatus, SlowReader } from '@loro/contracts/platform';
import type { Redis } from 'ioredis';
import { z } from 'zod';

const LEASE_MS = 10_000;

/** What one node says of itself. */
export interface NodeReport {
  readonly status: NodeStatus;
  readonly slowReaders: readonly SlowReader[];
  readonly streams: readonly HeardHere[];
}

const HeardHere = HeardStream.pick({ stream: true, namespace: true, listeners: true });
type HeardHere = z.infer<typeof HeardHere>;
type Topic = keyof NodeReport;

/** Where nodes leave word of themselves for as long as a lease lasts: the same board for gateways and workers. */
export class NodeBoard {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
  ) {}

  /** While Redis is away its callers would wait without end. */
  get isReachable(): boolean {
    return this.redis.status === 'ready';
  }

  async write({ status, slowReaders, streams }: NodeReport): Promise<void> {
    const { id } = status;
    await this.redis.sadd(this.nodes, id);
    await this.redis.set(this.keyOf(id, 'slowReaders'), JSON.stringify(slowReaders), 'PX', LEASE_MS);
    await this.redis.set(this.keyOf(id, 'streams'), JSON.stringify(streams), 'PX', LEASE_MS);
    await this.redis.set(this.keyOf(id, 'status'), JSON.stringify(status), 'PX', LEASE_MS);
  }

  async erase(id: string): Promise<void> {
    await this.redis.del(this.keyOf(id, 'status'), this.keyOf(id, 'slowReaders'), this.keyOf(id, 'streams'));
    await this.redis.srem(this.nodes, id);
  }

  async statuses(): Promise<NodeStatus[]> {
    return (await this.read('status')).flatMap((said) => parsed(NodeStatus, said) ?? []);
  }

  async slowReaders(): Promise<SlowReader[]> {
    return (await this.read('slowReaders')).flatMap((said) => parsed(z.array(SlowReader), said) ?? []);
  }

  /** A list for each node. */
  async streams(): Promise<HeardHere[][]> {
    return (await this.read('streams')).flatMap((said) => {
      const streams = parsed(z.array(HeardHere), said);
      return streams ? [streams] : [];
    });
  }

  private async read(topic: Topic): Promise<unknown[]> {
    const nodes = await this.redis.smembers(this.nodes);
    if (nodes.length === 0) return [];
    const said = await this.redis.mget(nodes.map((node) => this.keyOf(node, topic)));
    const dead = nodes.filter((_, index) => said[index] === null);
    if (dead.length > 0) await this.redis.srem(this.nodes, ...dead);
    return said.flatMap((text) => (text ? [JSON.parse(text) as unknown] : []));
  }

  private get nodes(): string {
    return `${this.prefix}:nodes`;
  }

  private keyOf(node: string, topic: Topic): string {
    return `${this.prefix}:nodes:${node}:${topic}`;
  }
}

/** Null for what another version of the hub wrote in another shape. */
function parsed<S extends z.ZodType>(schema: S, said: unknown): z.output<S> | null {
  const result = schema.safeParse(said);
  return result.success ? result.data : null;
}
