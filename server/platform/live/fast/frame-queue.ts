import type { Server } from 'socket.io';
import { backlogOf, type Connection, directSocket, type Link, linkOf } from './connection';
import { messageFrame } from './frame';
import type { SlowReaders } from './slow-readers';

/** One packet to a room, waiting for the end of this turn of the loop. */
interface Entry {
  readonly namespace: string;
  readonly room: string;
  /** Visits the connections of the room's members. */
  readonly each: (visit: (link: Link) => void) => void;
  /** A newer value replaces it: it may be left out for a connection that does not drain. */
  readonly replaceable: boolean;
  readonly packets: string[];
  frame: Buffer;
}

export interface FrameQueueOptions {
  readonly slow: SlowReaders;
  /** Deliveries that left, by class. */
  readonly onDelivered: (deliveries: number, replaceable: boolean) => void;
}

/**
 * Gathers what rooms are sent within one turn of the loop and gives each connection its share in one write: half of a
 * fan-out's cost is the system call. What a connection receives, and in which order, stays as Socket.IO would send it:
 * whoever writes to a connection by another way makes the queue flush first (`flushBefore`).
 */
export class FrameQueue {
  private entries: Entry[] = [];
  private delivered = 0;
  private deliveredLatest = 0;

  constructor(private readonly options: FrameQueueOptions) {}

  add(packet: string, entry: Omit<Entry, 'packets' | 'frame'>): void {
    const last = this.entries.at(-1);
    if (
      last &&
      last.room === entry.room &&
      last.namespace === entry.namespace &&
      last.replaceable === entry.replaceable
    ) {
      last.packets.push(packet);
      return;
    }
    if (this.entries.length === 0) setImmediate(() => this.flush());
    this.entries.push({ ...entry, packets: [packet], frame: EMPTY });
  }

  /** Lets whatever waits go before a packet that takes another way. */
  readonly flushBefore = (): void => {
    if (this.entries.length > 0) this.flush();
  };

  /** Writes one packet to one connection, behind whatever waits. */
  write(connection: Connection, packet: string): void {
    this.flushBefore();
    if (connection.readyState !== 'open') return;
    const socket = directSocket(linkOf(connection));
    if (socket) socket.write(messageFrame(packet));
    else connection.write(packet);
  }

  flush(): void {
    const { entries, options } = this;
    // Emptied first: packets that take the stock path below come back through `flushBefore`.
    this.entries = [];
    for (const entry of entries) entry.frame = frameOf(entry.packets);
    this.share(entries);
    if (this.delivered > 0) options.onDelivered(this.delivered, false);
    if (this.deliveredLatest > 0) options.onDelivered(this.deliveredLatest, true);
    this.delivered = this.deliveredLatest = 0;
  }

  private share(entries: readonly Entry[]): void {
    const [only] = entries;
    if (entries.length === 1 && only) {
      const share = new Share(entries);
      only.each((link) => this.give(link, share));
      return;
    }
    const shares = new Map<Link, Share>();
    const root = new Share([]);
    for (const entry of entries) entry.each((link) => shares.set(link, (shares.get(link) ?? root).and(entry)));
    for (const [link, share] of shares) this.give(link, share);
  }

  private give(link: Link, share: Share): void {
    if (link.connection.readyState !== 'open') return;
    const socket = directSocket(link);
    if (!socket || socket.writableLength > 0) return this.giveSlowly(link, share.entries);
    socket.write(share.frame);
    this.delivered += share.lossless;
    this.deliveredLatest += share.replaceable;
  }

  /** To a connection that has something waiting: entry by entry, some of them left out. */
  private giveSlowly(link: Link, entries: readonly Entry[]): void {
    const { connection } = link;
    const { slow } = this.options;
    for (const entry of entries) {
      const { namespace, room, replaceable, packets, frame } = entry;
      const backlog = backlogOf(connection);
      if (replaceable ? slow.skips(connection, namespace, room, backlog) : !slow.carries(connection, backlog)) continue;
      const socket = directSocket(link);
      if (socket) socket.write(frame);
      else for (const packet of packets) connection.write(packet);
      this.count(entry);
    }
  }

  private count({ replaceable, packets }: Entry): void {
    if (replaceable) this.deliveredLatest += packets.length;
    else this.delivered += packets.length;
  }
}

const EMPTY = Buffer.alloc(0);

const frameOf = (packets: readonly string[]): Buffer =>
  packets.length === 1 ? messageFrame(packets[0] ?? '') : Buffer.concat(packets.map(messageFrame));

/** What some connections get in this flush; connections with the same entries share the joined frame. */
class Share {
  readonly frame: Buffer;
  readonly lossless: number;
  readonly replaceable: number;
  private readonly next = new Map<Entry, Share>();

  constructor(readonly entries: readonly Entry[]) {
    const [only] = entries;
    this.frame = entries.length === 1 && only ? only.frame : Buffer.concat(entries.map(({ frame }) => frame));
    this.lossless = count(entries, false);
    this.replaceable = count(entries, true);
  }

  and(entry: Entry): Share {
    let share = this.next.get(entry);
    if (!share) this.next.set(entry, (share = new Share([...this.entries, entry])));
    return share;
  }
}

const count = (entries: readonly Entry[], isReplaceable: boolean): number =>
  entries.reduce((sum, { replaceable, packets }) => sum + (replaceable === isReplaceable ? packets.length : 0), 0);

const queues = new WeakMap<Server, FrameQueue>();

/** The queue of a server; its namespaces share it, since their sockets share connections. */
export const queueOf = (server: Server): FrameQueue | undefined => queues.get(server);
export const setQueue = (server: Server, queue: FrameQueue): void => void queues.set(server, queue);
