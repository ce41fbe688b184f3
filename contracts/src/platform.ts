import { z } from 'zod';
import { api, list, PageQuery } from './kit/api';
import { contract } from './kit/contract';
import { permissions } from './kit/permissions';
import { Id, Instant } from './kit/values';

/** How one process does, as it said itself within the last ten seconds. Lengths and sizes say their unit. */
export const NodeStatus = z.object({
  /** New at every start. */
  id: Id,
  name: z.string(),
  kind: z.enum(['gateway', 'worker']),
  version: z.string(),
  startedAt: Instant,
  at: Instant,
  /** Open connections, and those of them that are signed in. */
  connections: z.number().int(),
  sessions: z.number().int(),
  /** Streams that somebody hears on this node. */
  streams: z.number().int(),
  presenceMembers: z.number().int(),
  deliveriesPerSecond: z.number(),
  /** Values of `latest` streams that slow readers skipped since the start. */
  conflated: z.number().int(),
  slowReaders: z.number().int(),
  eventLoopLagP50Ms: z.number(),
  eventLoopLagP99Ms: z.number(),
  rssBytes: z.number().int(),
  /** Jobs of all queues that wait, run or are due later. */
  queueDepth: z.number().int(),
  /** How long the oldest committed event or job has waited to be handed on. */
  outboxAgeSeconds: z.number(),
  /** How old this node’s knowledge of ended sessions and changed rights is. */
  authzAgeSeconds: z.number(),
  /** Events by which the log ran ahead of what this node had told its listeners at its last look. */
  headLagEvents: z.number().int(),
  /** Events travel between nodes at once; otherwise listeners wait for the next look at the log. */
  isFastPathOn: z.boolean(),
});
export type NodeStatus = z.infer<typeof NodeStatus>;

export const QueueDepth = z.object({
  queue: z.string(),
  waiting: z.number().int(),
  active: z.number().int(),
  delayed: z.number().int(),
  failed: z.number().int(),
});
export type QueueDepth = z.infer<typeof QueueDepth>;

/** A connection that does not read as fast as it is sent to. */
export const SlowReader = z.object({
  /** The connection’s id, new at every connect. */
  id: z.string(),
  node: z.string(),
  userId: Id.nullable(),
  bytesQueued: z.number().int(),
  since: Instant,
});
export type SlowReader = z.infer<typeof SlowReader>;

export const HeardStream = z.object({
  stream: z.string(),
  namespace: z.string(),
  class: z.enum(['log', 'latest']).nullable(),
  listeners: z.number().int(),
  nodes: z.number().int(),
  /** Where a `log` stream stands. */
  n: z.number().int().nullable(),
});
export type HeardStream = z.infer<typeof HeardStream>;

export const platformApi = api('/platform', {
  nodes: list('/nodes', {
    permission: 'platform.observe',
    query: PageQuery,
    returns: NodeStatus,
    summary: 'List the hub’s processes that are alive, by name',
  }),
  queues: list('/queues', {
    permission: 'platform.observe',
    query: PageQuery,
    returns: QueueDepth,
    summary: 'List the queues of jobs, by name',
  }),
  slowReaders: list('/slow-readers', {
    permission: 'platform.observe',
    query: PageQuery,
    returns: SlowReader,
    summary: 'List the twenty slowest readers of each node',
  }),
  streams: list('/streams', {
    permission: 'platform.observe',
    query: PageQuery,
    returns: HeardStream,
    summary: 'List the streams that somebody hears, by name; of each node the two thousand most heard',
  }),
});

export const platformContract = contract({
  name: 'platform',
  api: platformApi,
  permissions: permissions({
    'platform.observe': {
      description: 'See how the hub does: its nodes, queues, streams and slow readers, of all organisations',
      isHubWide: true,
      grants: { platform_admin: 'org' },
    },
  }),
});
