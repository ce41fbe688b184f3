import type { Timeline } from './faults';
import { seconds } from './faults';
import type { Inbox } from './inbox';
import type { Outage } from './line';
import type { LoggedEvent } from './truth';

const SLOW_MS = 1_000;
const SHOWN = 20;

/** Whoever heard something: a client of the hub or of the stock servers. */
export interface Hearer {
  readonly name: string;
  readonly kind: string;
  readonly inbox: Inbox;
  readonly line: { readonly outages: readonly Outage[] };
  readonly streams: readonly string[];
  standing?(): string;
}

export interface Tally {
  expected: number;
  delivered: number;
}

export interface Deliveries {
  readonly events: number;
  readonly all: Tally;
  readonly byKind: ReadonlyMap<string, Tally>;
  readonly repeated: number;
  readonly disordered: number;
  /** Delivered and not in the log, or under another id. */
  readonly strange: number;
  /** From the commit, or the connection that came after it, to the app; of deliveries that missed the direct way. */
  readonly repairs: readonly number[];
  readonly reconnects: readonly number[];
  /** The first missing ones, in words. */
  readonly missing: readonly string[];
}

/** Holds what every client was given against what was published. */
export function compare(
  hearers: readonly Hearer[],
  log: ReadonlyMap<string, readonly LoggedEvent[]>,
  timeline: Timeline,
): Deliveries {
  const all = { expected: 0, delivered: 0 };
  const byKind = new Map<string, Tally>();
  const repairs: number[] = [];
  const missing: string[] = [];
  let strange = 0;
  for (const hearer of hearers) {
    const tally = byKind.get(hearer.kind) ?? { expected: 0, delivered: 0 };
    byKind.set(hearer.kind, tally);
    for (const stream of hearer.streams) {
      const { seen } = hearer.inbox.of(stream);
      const events = log.get(stream) ?? [];
      tally.expected += events.length;
      for (const event of events) {
        const got = seen.get(event.n);
        if (!got) {
          if (missing.length < SHOWN) missing.push(describe(hearer, stream, event, timeline));
          continue;
        }
        tally.delivered += 1;
        if (got.id !== event.id) strange += 1;
        const waited = got.at - Math.max(event.at, got.upSince);
        if (got.upSince > event.at || waited > SLOW_MS) repairs.push(waited);
      }
      strange += Math.max(0, seen.size - events.length);
    }
  }
  for (const tally of byKind.values()) {
    all.expected += tally.expected;
    all.delivered += tally.delivered;
  }
  const inboxes = hearers.map(({ inbox }) => inbox);
  return {
    events: [...log.values()].reduce((sum, events) => sum + events.length, 0),
    all,
    byKind,
    repeated: inboxes.reduce((sum, { repeated }) => sum + repeated, 0),
    disordered: inboxes.reduce((sum, { disordered }) => sum + disordered, 0),
    strange,
    repairs,
    reconnects: inboxes.flatMap(({ reconnects }) => reconnects),
    missing,
  };
}

function describe(hearer: Hearer, stream: string, { n, event, at }: LoggedEvent, timeline: Timeline): string {
  const cuts = hearer.line.outages
    .filter(({ from, to }) => from - 3_000 <= at && at <= to + 10_000)
    .map(({ kind, from, to }) => `${kind} ${seconds(from - at)} to ${seconds(to - at)}`);
  const standing = hearer.standing?.();
  return [
    `${hearer.name} (${hearer.kind}) misses ${event} n=${n} of ${stream}, of ${new Date(at).toISOString()}`,
    `    faults: ${timeline.around(at)}; its line: ${cuts.join(', ') || 'up'}`,
    ...(standing === undefined ? [] : [`    it stands at: ${standing}`]),
  ].join('\n');
}
