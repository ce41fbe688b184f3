import type { IncomingMessage } from 'node:http';
import type { Socket } from 'socket.io';
import type { Connection } from './fast';

const NOTHING = Object.freeze({});

/**
 * Empties the request that opened a connection, which engine.io keeps as long as the connection lives: of its kibibyte
 * of headers two are read again, by the handshakes of the namespaces.
 */
export function forgetRequest({ request }: Connection & { request: IncomingMessage }): void {
  const { 'user-agent': agent, origin } = request.headers;
  request.headers = { 'user-agent': agent?.slice(0, 200), origin };
  request.rawHeaders = [];
}

/** Behind a proxy, the address is the one that it added, the last; those before it are what the caller says. */
export function believeProxy(connection: Connection & { request: IncomingMessage }): void {
  const address =
    String(connection.request.headers['x-forwarded-for'] ?? '')
      .split(',')
      .at(-1)
      ?.trim() ?? '';
  if (address !== '') Reflect.set(connection, 'remoteAddress', address);
}

/** The token has done its work; what is kept could be read in a heap dump. */
export function forgetToken(socket: Socket): void {
  socket.handshake.auth = NOTHING;
}

/**
 * Lists that grew by `push` keep room for sixteen more. Those of a connection's life are complete once it was welcomed.
 */
export function trim(socket: Socket, connection: Connection): void {
  for (const [owner, name] of [
    [socket, 'fns'],
    [Reflect.get(connection, '_events'), 'close'],
  ] as const) {
    const list: unknown = owner && Reflect.get(owner, name);
    if (Array.isArray(list)) Reflect.set(owner, name, list.slice());
  }
}
