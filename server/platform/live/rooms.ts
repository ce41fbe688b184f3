import type { Server } from 'socket.io';

export interface HeardHere {
  readonly stream: string;
  readonly namespace: string;
  readonly listeners: number;
}

/** Rooms that are streams have colons in their names; a socket's own room has none. */
export const isStream = (room: string): boolean => room.includes(':');

/** How many streams somebody hears on this node. */
export function countStreams(io: Server): number {
  let count = 0;
  for (const { adapter } of io._nsps.values()) for (const room of adapter.rooms.keys()) if (isStream(room)) count += 1;
  return count;
}

/** The streams that most listen to on this node. There can be tens of thousands, so they are counted and not sorted. */
export function mostHeard(io: Server, limit: number): HeardHere[] {
  const bySize = new Map<number, number>();
  for (const { adapter } of io._nsps.values())
    for (const [room, { size }] of adapter.rooms) if (isStream(room)) bySize.set(size, (bySize.get(size) ?? 0) + 1);
  let atLeast = Number.POSITIVE_INFINITY;
  let count = 0;
  for (const size of [...bySize.keys()].toSorted((a, b) => b - a)) {
    if (count >= limit) break;
    atLeast = size;
    count += bySize.get(size) ?? 0;
  }
  const heard: HeardHere[] = [];
  for (const [namespace, { adapter }] of io._nsps)
    for (const [stream, { size }] of adapter.rooms)
      if (size >= atLeast && isStream(stream)) heard.push({ stream, namespace, listeners: size });
  // Of the last size there may be more than fit.
  return heard.length <= limit ? heard : heard.toSorted((a, b) => b.listeners - a.listeners).slice(0, limit);
}
