import type { Socket as NetSocket } from 'node:net';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Socket } from 'socket.io';

type OnMessage = (data: Buffer, isBinary: boolean) => void;

interface WebSocketLike {
  readonly _socket?: NetSocket;
  readonly readyState: number;
  terminate(): void;
  listeners(event: 'message'): unknown[];
  on(event: 'message', listener: OnMessage): unknown;
  off(event: 'message', listener: OnMessage): unknown;
}

/** The parts of an Engine.IO connection that the fast path leans on. They are internals, so versions are pinned. */
export interface Connection {
  readonly id: string;
  readonly readyState: string;
  readonly writeBuffer: readonly { readonly data?: unknown }[];
  readonly transport: {
    readonly name: string;
    readonly perMessageDeflate?: unknown;
    readonly socket?: WebSocketLike;
  };
  write(data: string): unknown;
  close(): void;
  on(event: string, listener: (...args: never[]) => void): unknown;
  listeners(event: string): unknown[];
  off(event: string, listener: (...args: never[]) => void): unknown;
}

const WS_OPEN = 1;

/** What the fast path was tried with; others may be fine, and run on the stock path until somebody looked. */
const TRIED = { 'engine.io': /^6\.6\./, ws: /^8\.21\./, 'socket.io-adapter': /^2\.5\./, 'socket.io': /^4\.8\./ };

/** Why the fast path cannot be used with the packages that are installed; empty when it can. */
export function untriedPackages(): string[] {
  return Object.entries(TRIED).flatMap(([name, wanted]) => {
    const version = versionOf(name);
    return wanted.test(version) ? [] : [`${name} ${version} was not tried`];
  });
}

function versionOf(name: string): string {
  try {
    const found = require.resolve(name, { paths: [path.dirname(require.resolve('socket.io'))] });
    const folder = found.slice(0, found.lastIndexOf(`${path.sep}node_modules${path.sep}${name}${path.sep}`));
    const file = path.join(folder, 'node_modules', name, 'package.json');
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    return version;
  } catch {
    return 'of an unknown version';
  }
}

/** A socket's connection, seen with its internals. */
export const connectionOf = (socket: Socket): Connection => socket.conn as unknown as Connection;

/** A connection and what lies below it, found once: a fan-out visits a thousand of them, and each step down is a cache miss. */
export interface Link {
  readonly connection: Connection;
  /** Null where Engine.IO must do the writing: another transport, or a shape that is not the one that was tried. */
  readonly below: { readonly ws: WebSocketLike; readonly net: NetSocket } | null;
}

const links = new WeakMap<Connection, Link>();

export function linkOf(connection: Connection): Link {
  const known = links.get(connection);
  if (known) return known;
  const { name, perMessageDeflate, socket: ws } = connection.transport;
  const net = ws?._socket;
  if (name !== 'websocket' || perMessageDeflate || !ws || !net) return { connection, below: null };
  // From here on the transport stays what it is.
  const link = { connection, below: { ws, net } };
  links.set(connection, link);
  return link;
}

/** The network socket to write frames to directly, or null where a packet waits before us or the peer is going. */
export function directSocket({ connection, below }: Link): NetSocket | null {
  return below && connection.writeBuffer.length === 0 && below.ws.readyState === WS_OPEN ? below.net : null;
}

/** Bytes that were written and did not leave this process yet, whoever holds them. */
export function backlogOf(connection: Connection): number {
  let bytes = connection.transport.socket?._socket?.writableLength ?? 0;
  for (const { data } of connection.writeBuffer) bytes += typeof data === 'string' ? data.length : 0;
  return bytes;
}
