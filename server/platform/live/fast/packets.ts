/** A Socket.IO packet as adapters are given it. */
export interface BroadcastPacket {
  readonly type: number;
  nsp?: string;
  readonly data?: readonly unknown[];
}

interface Known {
  readonly text: string;
  /** Of an event of class `log`: its number. */
  readonly n: number | null;
  readonly replaceable: boolean;
}

const EVENT = 2;
const known = new WeakMap<object, Known>();

/**
 * A broadcast event as text, encoded once for this node's sockets and for the other nodes. Only plain events reach
 * adapters here: the contracts know JSON alone.
 */
export function textOf(packet: BroadcastPacket): Known | null {
  const found = known.get(packet);
  if (found) return found;
  if (packet.type !== EVENT || packet.data === undefined || 'id' in packet) return null;
  const meta = packet.data[2];
  const n = typeof meta === 'object' && meta !== null && 'n' in meta && typeof meta.n === 'number' ? meta.n : null;
  const isStreamed = typeof meta === 'object' && meta !== null && 'stream' in meta;
  const prefix = packet.nsp === undefined || packet.nsp === '/' ? '2' : `2${packet.nsp},`;
  const made = { text: prefix + JSON.stringify(packet.data), n, replaceable: isStreamed && n === null };
  known.set(packet, made);
  return made;
}

type Message = readonly [uid: string, packet: BroadcastPacket, options: unknown];

/**
 * What nodes send each other through the Redis adapter: a line about the packet, then the packet as sockets get it, so
 * that a node which receives it has neither to parse nor to encode it.
 */
export const nodeParser = {
  encode(message: Message): string {
    const [uid, packet, options] = message;
    const text = textOf(packet);
    // Answers to requests between nodes come here too, and are small.
    if (!text) return JSON.stringify(message);
    return `${JSON.stringify([uid, options, packet.nsp, text.n, text.replaceable])}\n${text.text}`;
  },
  decode(raw: Buffer): unknown {
    const message = raw.toString();
    const line = message.indexOf('\n');
    if (line < 0) return JSON.parse(message);
    const [uid, options, nsp, n, replaceable] = JSON.parse(message.slice(0, line)) as [
      string,
      unknown,
      string,
      number | null,
      boolean,
    ];
    const packet = { type: EVENT, nsp };
    known.set(packet, { text: message.slice(line + 1), n, replaceable });
    return [uid, packet, options];
  },
};
