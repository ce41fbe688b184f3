import { RedisAdapter } from '@socket.io/redis-adapter';
import type { Namespace, Server } from 'socket.io';
import { Adapter, type BroadcastOptions } from 'socket.io-adapter';
import { connectionOf, type Link, linkOf, untriedPackages } from './connection';
import { queueOf } from './frame-queue';
import { type BroadcastPacket, textOf } from './packets';

const sentTo = new WeakMap<Server, (stream: string, n: number) => void>();

/** Whoever wants to know which event of a stream this node has last sent to its members. */
export const onSent = (server: Server, listener: (stream: string, n: number) => void): void =>
  void sentTo.set(server, listener);

/**
 * A shorter way from a room to its sockets: encode once, one piece of memory, one write a connection and turn of the
 * loop. The wire is Socket.IO's. Whatever is unusual (several rooms, exceptions, acknowledgements, another transport)
 * goes the stock way.
 */
class FastAdapter extends Adapter {
  private readonly links = new Map<string, readonly Link[]>();

  override broadcast(packet: BroadcastPacket, options: BroadcastOptions): void {
    packet.nsp = this.nsp.name;
    // A worker sends to everybody and has no sockets of its own.
    if (this.sids.size === 0) return;
    const { server } = this.nsp as Namespace & { server: Server };
    const queue = queueOf(server);
    const [room] = options.rooms;
    const text = queue && options.rooms.size === 1 && !options.except?.size ? textOf(packet) : null;
    if (!queue || room === undefined || !text) {
      super.broadcast(packet, options);
      return;
    }
    const members = this.rooms.get(room);
    if (!members) return;
    const { replaceable, n } = text;
    queue.add(text.text, {
      namespace: this.nsp.name,
      room,
      replaceable,
      each: (visit) => this.linksOf(room, members).forEach(visit),
    });
    if (n !== null) sentTo.get(server)?.(room, n);
  }

  override addAll(id: string, rooms: Set<string>): Promise<void> | void {
    for (const room of rooms) this.links.delete(room);
    return super.addAll(id, rooms);
  }

  override del(id: string, room: string): Promise<void> | void {
    this.links.delete(room);
    return super.del(id, room);
  }

  override delAll(id: string): void {
    for (const room of this.sids.get(id) ?? []) this.links.delete(room);
    super.delAll(id);
  }

  /** The members' connections, kept until one comes or goes. */
  private linksOf(room: string, members: ReadonlySet<string>): readonly Link[] {
    const known = this.links.get(room);
    if (known) return known;
    const { sockets } = this.nsp as Namespace;
    const links = [...members].flatMap((id) => {
      const socket = sockets.get(id);
      return socket ? [linkOf(connectionOf(socket))] : [];
    });
    // A socket is a member before it is connected, and its namespace does not know it until then.
    if (links.length === members.size) this.links.set(room, links);
    return links;
  }
}

// Private in its types, and the one place where a packet becomes text: what came encoded from another node has no data
// to encode again, should it take the stock way here.
const stockEncode = Reflect.get(Adapter.prototype, '_encode') as (packet: unknown, options: object) => string[];
Reflect.set(FastAdapter.prototype, '_encode', function encode(this: Adapter, packet: BroadcastPacket, options: object) {
  const text = packet.data === undefined ? textOf(packet) : null;
  return text ? [text.text] : stockEncode.call(this, packet, options);
});

let installed: string[] | undefined;

/**
 * Puts the fast adapter between the Redis adapter and the stock one, so that packets of this node and of others take the
 * short way. A subclass of the Redis adapter would miss those of other nodes, which it hands to its own parent.
 * @returns what stands in the way, in which case everything stays stock; empty when it is in place
 */
export function installFastAdapter(): string[] {
  if (installed) return installed;
  installed = untriedPackages();
  if (typeof stockEncode !== 'function') installed.push('socket.io-adapter encodes in another way');
  if (Object.getPrototypeOf(RedisAdapter) !== Adapter) installed.push('the redis adapter is based on something else');
  if (installed.length > 0) return installed;
  Object.setPrototypeOf(RedisAdapter, FastAdapter);
  Object.setPrototypeOf(RedisAdapter.prototype, FastAdapter.prototype);
  return installed;
}
