import type { Reply } from '@loro/contracts/kit/live';
import type { Socket } from 'socket.io';
import { connectionOf } from './connection';
import type { FrameQueue } from './frame-queue';
import { lookFirst } from './inbound';

type Answer = (name: string, args: unknown[], reply: (reply: Reply<unknown>) => void) => void;

const ZERO = 48;

/**
 * A short way for the calls that phones make all day: recognised by their first characters, parsed once, acknowledged
 * with one frame. Every other packet, and these where anything about them is unusual, goes through Socket.IO as before.
 */
export function shortenCalls(socket: Socket, names: ReadonlySet<string>, queue: FrameQueue, answer: Answer): void {
  if (names.size === 0) return;
  const connection = connectionOf(socket);
  const namespace = socket.nsp.name;
  const prefix = `2${namespace},`;
  lookFirst(connection, prefix, (packet) => {
    const call = socket.connected ? callOf(packet, prefix.length, names) : null;
    if (!call) return false;
    answer(call.name, call.args, (reply) => {
      if (socket.connected) queue.write(connection, `3${namespace},${call.id}${JSON.stringify([reply])}`);
    });
    return true;
  });
}

/** Reads `12["name",…]` at `from`; null for whatever is not such a call with an acknowledgement asked for. */
function callOf(data: string, from: number, names: ReadonlySet<string>) {
  let at = from;
  let id = 0;
  for (let digit = data.charCodeAt(at) - ZERO; digit >= 0 && digit <= 9; digit = data.charCodeAt(at) - ZERO) {
    id = id * 10 + digit;
    at += 1;
  }
  if (at === from || id > Number.MAX_SAFE_INTEGER || !data.startsWith('["', at)) return null;
  const name = data.slice(at + 2, data.indexOf('"', at + 2));
  if (!names.has(name)) return null;
  try {
    const args: unknown = JSON.parse(data.slice(at));
    return Array.isArray(args) ? { id, name, args: args.slice(1) as unknown[] } : null;
  } catch {
    // Socket.IO knows what to do about what is not JSON.
    return null;
  }
}
