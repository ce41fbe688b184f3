import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Hub } from '../../platform';

const TIMEOUT_MS = 10_000;

/**
 * Hands bytes to a syslog server. The protocol has no answer: what counts is that the server took everything and then
 * closed its side, or let us close ours.
 * @throws Error where it did not
 */
export async function handToSyslog(hub: Hub, address: string, bytes: Buffer): Promise<void> {
  const { protocol, hostname, port } = new URL(address);
  // The name is looked up once, and nothing but a public address is called unless the operator says so.
  const { address: host, host: name } = await hub.outgoing.pin(hostname);
  const at = { host, port: Number(port) };
  const socket: Socket = protocol === 'tls:' ? connectTls({ ...at, servername: name }) : connectTcp(at);
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('the syslog server did not answer in time')));
  try {
    await once(socket, protocol === 'tls:' ? 'secureConnect' : 'connect');
    socket.resume();
    const closed = once(socket, 'close');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.end(bytes, () => resolve());
    });
    await closed;
    if (socket.errored) throw socket.errored;
  } finally {
    socket.destroy();
  }
}
