import type { Connection } from './connection';

type Way = (data: unknown) => void;

interface Inbound {
  readonly stock: Way;
  readonly onBinary: ((connection: Connection) => void) | undefined;
  /** Takes the packets it knows; false for the rest. */
  hot?: (data: string) => boolean;
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
  connection.off('data', stock as never);
  connection.on('data', take);
}

/** One function for all connections, which Node calls with the one that the packet came by. */
function take(this: Connection, data: unknown): void {
  const inbound = inbounds.get(this);
  if (!inbound) return;
  const { stock, hot, onBinary } = inbound;
  const isText = typeof data === 'string';
  if (onBinary && (!isText || data.startsWith(BINARY_EVENT) || data.startsWith(BINARY_ACK))) return onBinary(this);
  if (isText && hot?.(data)) return;
  stock(data);
}

/** Lets `hot` look at a connection's packets first. */
export function lookFirst(connection: Connection, hot: (data: string) => boolean): void {
  const inbound = inbounds.get(connection);
  if (inbound) inbound.hot = hot;
}
