import type { Server } from 'socket.io';

export interface HeardHere {
  readonly namespace: string;
  readonly listeners: number;
}

/** Rooms that are streams have colons in their names; a socket's own room has none. */
export const isStream = (room: string): boolean => room.includes(':');

/** The streams that somebody hears on this node. */
export function streamsHeard(io: Server): Map<string, HeardHere> {
  const heard = new Map<string, HeardHere>();
  for (const [namespace, { adapter }] of io._nsps)
    for (const [room, { size }] of adapter.rooms) if (isStream(room)) heard.set(room, { namespace, listeners: size });
  return heard;
}
