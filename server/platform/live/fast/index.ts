import type { Server } from 'socket.io';
import type { Connection } from './connection';
import { FrameQueue, setQueue } from './frame-queue';
import { guardInbound } from './inbound';
import { SlowReaders, type SlowReadersOptions } from './slow-readers';

export { installFastAdapter, onSent } from './adapter';
export { type Connection, connectionOf } from './connection';
export { shortenCalls } from './hot-calls';
export { guardInbound } from './inbound';
export { nodeParser } from './packets';
export type { Skipped } from './slow-readers';

export interface FastPath {
  readonly queue: FrameQueue;
  readonly slow: SlowReaders;
}

export interface FastPathOptions extends SlowReadersOptions {
  readonly onDelivered: (deliveries: number, replaceable: boolean) => void;
  /** A client sent something binary, which no call takes; without this, binary packets pass. */
  readonly onBinary?: (connection: Connection) => void;
}

/** Gives a server its frame queue. Every other way to a connection lets the queue go first, so that order is kept. */
export function startFastPath(io: Server, options: FastPathOptions): FastPath {
  const slow = new SlowReaders(options);
  const queue = new FrameQueue({ slow, onDelivered: options.onDelivered });
  setQueue(io, queue);
  io.engine.on('connection', (connection: Connection) => {
    connection.on('packetCreate', queue.flushBefore);
    guardInbound(connection, options.onBinary);
  });
  return { queue, slow };
}
