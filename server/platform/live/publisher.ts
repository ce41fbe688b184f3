import type { Meta } from '@loro/contracts/kit/live';
import type { Server } from 'socket.io';

/** The one way out to sockets, the same object in a gateway and in a worker. */
export class Publisher {
  constructor(private readonly io: Server) {}

  /** Sends to everybody in the stream's room, on every node. */
  emit(namespace: string, stream: string, event: string, data: unknown, meta: Meta): void {
    this.io.of(namespace).to(stream).emit(event, data, meta);
  }
}
