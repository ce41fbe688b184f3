import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { serve } from '../rpc';
import { verifyForAnchors } from './anchor-tokens';
import {
  type Burst,
  checkInStarted,
  fixesMoved,
  packSent,
  type SentReport,
  type Stamp,
  stampedFix,
  subscribed,
  type Subscription,
  taken,
} from './messages';

/** Bare `ws`: rooms are sets, every message to a room is framed once, nothing is stored and nothing looked at closely. */
const rooms = new Map<string, Set<WebSocket>>();
const keys = new Map<string, number>();
let sent = 0;

interface Framing {
  readonly frame: (data: Buffer, options: object) => Buffer[];
}
interface Sending {
  readonly sendFrame: (list: Buffer[]) => void;
}
// ws has both and does not type them; Socket.IO's own adapter uses them in the same way.
const { frame } = Reflect.get(WebSocket, 'Sender') as Framing;
const senderOf = (socket: WebSocket): Sending => Reflect.get(socket, '_sender') as Sending;

function broadcast(room: string, message: unknown): void {
  const members = rooms.get(room);
  if (!members) return;
  const options = { readOnly: false, mask: false, rsv1: false, opcode: 1, fin: true };
  // Header and payload in one buffer: one write a member.
  const prepared = [Buffer.concat(frame(Buffer.from(JSON.stringify(message)), options))];
  for (const member of members) if (member.readyState === WebSocket.OPEN) senderOf(member).sendFrame(prepared);
}

function onMessage(socket: WebSocket, text: string): void {
  const start = text.indexOf('[');
  const id = text.slice(0, start);
  const [name, input] = JSON.parse(text.slice(start)) as [string, unknown];
  const reply = (answer: unknown) => socket.send(`${id}${JSON.stringify([answer])}`);
  if (name === 'stream:subscribe') {
    const { streams } = input as Subscription;
    for (const { stream } of streams) join(stream, socket);
    return reply(subscribed(streams));
  }
  if (name === 'fix:report') {
    const report = input as SentReport;
    for (const room of rooms.keys())
      for (const fix of report.fixes) broadcast(room, fixesMoved(room, [packSent(keyOf(report), fix)]));
    reply(taken(report));
  }
}

function join(room: string, socket: WebSocket): void {
  const members = rooms.get(room) ?? new Set();
  rooms.set(room, members.add(socket));
  socket.once('close', () => members.delete(socket));
}

function keyOf({ device }: SentReport): number {
  const key = keys.get(device) ?? keys.size + 1;
  keys.set(device, key);
  return key;
}

const http = createServer();
const server = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  maxPayload: 64 * 1024,
  clientTracking: false,
});
http.on('upgrade', (request, socket, head) => {
  try {
    verifyForAnchors((request.headers.authorization ?? '').slice('Bearer '.length));
  } catch {
    socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    return;
  }
  server.handleUpgrade(request, socket, head, (opened) => {
    opened.on('message', (data: Buffer) => onMessage(opened, data.toString()));
    opened.on('error', () => opened.terminate());
  });
});
http.listen(0, '127.0.0.1', () =>
  serve(
    {
      emit: ({ stream, events }: Burst) => {
        for (let event = 0; event < events; event += 1) broadcast(stream, checkInStarted(stream, (sent += 1)));
      },
      stamp: ({ stream }: Stamp) => broadcast(stream, fixesMoved(stream, [stampedFix()])),
    },
    // A server that listens on a port has an address of this kind.
    { port: (http.address() as AddressInfo).port },
  ),
);
