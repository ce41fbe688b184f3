import type { Connection } from './connection';

type Way = (data: unknown) => void;

interface Inbound {
  readonly stock: Way;
  readonly onBinary: ((connection: Connection) => void) | undefined;
}

const BINARY_EVENT = '5';
const BINARY_ACK = '6';
const inbounds = new WeakMap<Connection, Inbound>();

/**
 * Stands between a connection and Socket.IO's parser. Nothing of the contracts is binary, and the parser would hold the
 * attachments that a packet announces until the last one came.
 * @param onBinary what becomes of a connection that sends something binary; without it, binary packets pass
 */
export function guardInbound(connection: Connection, onBinary?: (connection: Connection) => void): void {
  const [stock] = connection.listeners('data') as Way[];
  if (!stock) return;
  inbounds.set(connection, { stock, onBinary });
  connection.off('data', stock);
  connection.on('data', take);
}

/** One function for all connections, which Node calls with the one that the packet came by. */
function take(this: Connection, data: unknown): void {
  const inbound = inbounds.get(this);
  if (!inbound) return;
  const { stock, onBinary } = inbound;
  const isText = typeof data === 'string';
  if (onBinary && (!isText || data.startsWith(BINARY_EVENT) || data.startsWith(BINARY_ACK))) return onBinary(this);
  stock(data);
}

/**
 * Lets `hot` look at the messages that begin with `prefix` before Engine.IO does: it emits three events for each packet,
 * and decodes what is only text. What `hot` does not take goes on as it came.
 */
export function lookFirst(connection: Connection, prefix: string, hot: (packet: string) => boolean): void {
  const { socket, name } = connection.transport;
  const [stock] = (socket?.listeners('message') ?? []) as ((data: Buffer, isBinary: boolean) => void)[];
  if (name !== 'websocket' || !socket || !stock) return;
  // '4' is the Engine.IO packet type "message".
  const start = Buffer.from(`4${prefix}`);
  socket.off('message', stock);
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    const fits = !isBinary && data.length > start.length && data.compare(start, 0, start.length, 0, start.length) === 0;
    if (fits && connection.readyState === 'open' && hot(data.toString('utf8', 1))) return;
    stock.call(socket, data, isBinary);
  });
}
