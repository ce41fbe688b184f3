import { z } from 'zod';
import { StreamPosition } from './api';
import { Problem } from './problem';
import { Instant } from './values';

/** Control events of every namespace: what a session says beside the domain's own events. */
export const PROTOCOL = 1;

const StreamName = z.string().min(1).max(160);

/** `log` streams carry epoch and n, `latest` streams do not. */
export const JoinedStream = z.object({
  stream: StreamName,
  class: z.enum(['log', 'latest']),
  epoch: z.string().optional(),
  n: z.number().int().optional(),
});

export const SessionReady = z.object({
  protocol: z.number().int(),
  node: z.string(),
  now: Instant,
  expiresAt: Instant,
  limits: z.object({ maxPacketBytes: z.number().int(), callsPerSecond: z.number().int(), burst: z.number().int() }),
  streams: z.array(JoinedStream),
});
export type SessionReady = z.infer<typeof SessionReady>;

export const Subscribe = z.strictObject({
  streams: z
    .array(
      z.strictObject({
        stream: StreamName,
        // Not strict: the position that a list answers carries its stream along.
        after: z.object({ epoch: z.string().max(40), n: z.number().int().min(0) }).optional(),
      }),
    )
    .min(1)
    .max(100),
});
export type Subscribe = z.infer<typeof Subscribe>;

const Missed = z.tuple([z.string(), z.unknown(), z.unknown()]);
export const Subscribed = z.object({
  streams: z.array(
    z.union([
      z.object({
        stream: StreamName,
        class: z.enum(['log', 'latest']),
        epoch: z.string().optional(),
        n: z.number().int().optional(),
        recovered: z.boolean().optional(),
        reason: z.string().optional(),
        events: z.array(Missed),
        more: z.boolean().optional(),
      }),
      z.object({ stream: StreamName, error: Problem }),
    ]),
  ),
});
export type Subscribed = z.infer<typeof Subscribed>;

export const Unsubscribe = z.strictObject({ streams: z.array(StreamName).min(1).max(100) });
export const StreamEnded = z.object({ stream: StreamName, code: z.string() });
export const StreamHead = StreamPosition;
export const Refresh = z.strictObject({ token: z.string().max(8192) });
export const Refreshed = z.object({ expiresAt: Instant, lost: z.array(StreamName) });
export const SessionExpiring = z.object({ inMs: z.number().int() });
export const SessionEnded = z.object({
  code: z.string(),
  reconnect: z.boolean(),
  retryInMs: z.number().int().optional(),
});
export type SessionEnded = z.infer<typeof SessionEnded>;
/** How often and how finely a device should record; from `until` on, its own slowest pace. */
export const FlowPace = z.object({ intervalMs: z.number().int(), distanceM: z.number().int(), until: Instant });
export type FlowPace = z.infer<typeof FlowPace>;

/** What the documents and the surface report say of the control events. */
export const controlEvents = {
  fromServer: {
    'session:ready': SessionReady,
    'stream:ended': StreamEnded,
    'stream:head': StreamHead,
    'session:expiring': SessionExpiring,
    'session:ended': SessionEnded,
    'flow:pace': FlowPace,
  },
  fromClient: {
    'stream:subscribe': { input: Subscribe, output: Subscribed },
    'stream:unsubscribe': { input: Unsubscribe, output: z.object({ streams: z.array(StreamName) }) },
    'session:refresh': { input: Refresh, output: Refreshed },
  },
} as const;
