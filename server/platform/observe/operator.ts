import {
  type HeardStream,
  type NodeStatus,
  platformApi,
  platformContract,
  type QueueDepth,
  type SlowReader,
} from '@loro/contracts/platform';
import type { Actor } from '../actor';
import { allow } from '../auth/ports';
import type { Page } from '../db/pages';
import { pageOf } from '../db/pages';
import { defineModule, type Hub } from '../hub';
import { routes } from '../http/routes';
import type { Gateway } from '../live/gateway';
import { presence } from '../live/presence';
import { countStreams, mostHeard } from '../live/rooms';
import { inTime } from '../patience';
import { version } from '../version';
import { NodeBoard, type NodeReport } from './nodes';
import { Vitals } from './vitals';

const BEAT_MS = 3_000;
const PATIENCE_MS = 1_000;
const SLOWEST = 20;
const MOST_HEARD = 2_000;

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Tells how this node does, and answers how all of them do. */
class OperatorService {
  readonly vitals: Vitals;
  private readonly board: NodeBoard;
  private readonly startedAt: string;
  private readonly classes: ReadonlyMap<string, HeardStream['class']>;
  private gateway: Gateway | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isBeating = false;

  constructor(private readonly hub: Hub) {
    this.board = new NodeBoard(hub.redis, hub.config.REDIS_PREFIX);
    this.vitals = new Vitals(hub);
    this.startedAt = hub.now().toISOString();
    this.classes = new Map(
      hub.modules.flatMap(({ contract }) =>
        Object.entries(contract.live?.streams ?? {}).map(([kind, stream]) => [kind, stream.class]),
      ),
    );
    hub.metrics.observe(this.vitals);
  }

  start(): void {
    this.vitals.start();
    this.timer = setInterval(() => void this.beat(), BEAT_MS);
    void this.beat();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.vitals.stop();
    if (this.board.isReachable) await this.board.erase(this.hub.nodeId);
  }

  /** Makes this node's status a gateway's. */
  attach(gateway: Gateway): void {
    this.gateway = gateway;
    const { metrics } = this.hub;
    metrics.gauge('loro_live_sessions', 'Signed-in connections', () => gateway.sessions.all().length);
    metrics.gauge('loro_live_streams', 'Streams that somebody hears', () => countStreams(this.hub.live.io));
    metrics.gauge(
      'loro_live_head_lag_events',
      'Events by which the log was ahead of what this node had sent its listeners at its last look',
      () => gateway.headLag,
    );
    metrics.gauge('loro_live_slow_readers', 'Connections that do not drain', () => gateway.fast?.slow.size ?? 0);
    metrics.gauge('loro_live_fast_path', '1 while events travel between nodes at once', () =>
      Number(this.isFastPathOn),
    );
    metrics.gauge(
      'loro_presence_members',
      'People and devices on the roll of this node',
      () => this.hub.use(presence).size,
    );
    void this.beat();
  }

  async nodes(actor: Actor, query: ListQuery): Promise<Page<NodeStatus>> {
    allow(actor, 'platform.observe');
    const nodes = (await this.ask(() => this.board.statuses())) ?? [this.report().status];
    return this.page('nodes', nodes, query, ({ name, id }) => [name, id]);
  }

  async queues(actor: Actor, query: ListQuery): Promise<Page<QueueDepth>> {
    allow(actor, 'platform.observe');
    return this.page('queues', this.vitals.queues, query, ({ queue }) => [queue]);
  }

  async slowReaders(actor: Actor, query: ListQuery): Promise<Page<SlowReader>> {
    allow(actor, 'platform.observe');
    const slow = (await this.ask(() => this.board.slowReaders())) ?? this.report().slowReaders;
    return this.page('slow-readers', slow, query, ({ since, id }) => [since, id]);
  }

  async streams(actor: Actor, query: ListQuery): Promise<Page<HeardStream>> {
    allow(actor, 'platform.observe');
    const said = (await this.ask(() => this.board.streams())) ?? [this.report().streams];
    const streams = new Map<string, HeardStream>();
    for (const { stream, namespace, listeners } of said.flat()) {
      const known = streams.get(stream);
      const of = this.classes.get(stream.split(':')[1] ?? '') ?? null;
      streams.set(stream, {
        stream,
        namespace,
        class: of,
        listeners: (known?.listeners ?? 0) + listeners,
        nodes: (known?.nodes ?? 0) + 1,
        n: null,
      });
    }
    const page = this.page('streams', [...streams.values()], query, ({ stream }) => [stream]);
    const heads = new Map(
      (await this.hub.streams.heads(page.items.map(({ stream }) => stream))).map(({ stream, n }) => [stream, n]),
    );
    return { ...page, items: page.items.map((item) => ({ ...item, n: heads.get(item.stream) ?? null })) };
  }

  /** What the board says; null while Redis does not answer, and then a node knows only of itself. */
  private async ask<T>(read: () => Promise<T>): Promise<T | null> {
    return this.board.isReachable ? inTime(PATIENCE_MS, read()) : null;
  }

  /** A page of what fits into memory, in the order of its keys. */
  private page<T>(list: string, all: readonly T[], { limit, cursor }: ListQuery, keyOf: (row: T) => string[]): Page<T> {
    const name = `platform-${list}`;
    const after = this.hub.cursors.decode(name, cursor)?.map(String).join('\0');
    const textOf = (row: T) => keyOf(row).join('\0');
    const sorted = all
      .filter((row) => after === undefined || textOf(row) > after)
      .toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
    return pageOf(
      sorted.slice(0, limit + 1),
      limit,
      (row) => this.hub.cursors.encode(name, keyOf(row)),
      (row) => row,
    );
  }

  private async beat(): Promise<void> {
    if (this.isBeating) return;
    this.isBeating = true;
    try {
      await this.vitals.measure();
      if (this.board.isReachable) await this.board.write(this.report());
    } catch (error) {
      this.hub.log.warn({ err: error }, 'this node could not tell how it does, will repeat');
    } finally {
      this.isBeating = false;
    }
  }

  private report(): NodeReport {
    const { hub, gateway } = this;
    const slow = gateway?.fast?.slow;
    return {
      status: {
        id: hub.nodeId,
        name: hub.config.NODE_NAME,
        kind: gateway ? 'gateway' : 'worker',
        version,
        startedAt: this.startedAt,
        at: hub.now().toISOString(),
        ...this.vitals.read(),
        connections: gateway?.connections ?? 0,
        sessions: gateway?.sessions.all().length ?? 0,
        streams: countStreams(hub.live.io),
        presenceMembers: gateway ? hub.use(presence).size : 0,
        slowReaders: slow?.size ?? 0,
        headLagEvents: gateway?.headLag ?? 0,
        isFastPathOn: this.isFastPathOn,
      },
      slowReaders: gateway ? this.slowest(gateway) : [],
      streams: mostHeard(hub.live.io, MOST_HEARD),
    };
  }

  private get isFastPathOn(): boolean {
    return this.board.isReachable && this.hub.live.isFast;
  }

  private slowest(gateway: Gateway): SlowReader[] {
    const slow = gateway.fast?.slow.list(SLOWEST) ?? [];
    if (slow.length === 0) return [];
    const users = new Map(gateway.sessions.all().map(({ connection, actor }) => [connection, actor.userId]));
    return slow.map(({ connection, bytes, since }) => ({
      id: connection.id,
      node: this.hub.config.NODE_NAME,
      userId: users.get(connection) ?? null,
      bytesQueued: bytes,
      since: new Date(since).toISOString(),
    }));
  }
}

/** How the hub does. It stands in the platform because it looks at all of it. */
export const operator = defineModule({
  name: 'platform',
  contract: platformContract,
  models: [],
  service: (hub) => new OperatorService(hub),
  start: (service) => service.start(),
  stop: (service) => service.stop(),
  routes: (service) =>
    routes(platformApi, {
      nodes: ({ actor, query }) => service.nodes(actor, query),
      queues: ({ actor, query }) => service.queues(actor, query),
      slowReaders: ({ actor, query }) => service.slowReaders(actor, query),
      streams: ({ actor, query }) => service.streams(actor, query),
    }),
});
