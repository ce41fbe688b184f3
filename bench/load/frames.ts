const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;

/** A text as one masked WebSocket frame, as clients must send it. */
export function clientFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 6 : 8;
  if (length > 65_535) throw new Error('a packet of the load is larger than any hub takes');
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = 0x81;
  if (header === 6) frame[1] = 0x80 | length;
  else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  }
  for (let at = 0; at < 4; at += 1) frame[header - 4 + at] = MASK[at] ?? 0;
  frame.write(text, header);
  for (let at = 0; at < length; at += 1) frame[header + at] = (frame[header + at] ?? 0) ^ (MASK[at & 3] ?? 0);
  return frame;
}

export const OPCODE_TEXT = 1;
export const OPCODE_CLOSE = 8;
export const OPCODE_PING = 9;

type OnFrame = (opcode: number, bytes: Buffer, start: number, end: number) => void;

/**
 * Reads a server's frames out of the chunks of a connection without copying whole ones: most frames arrive whole, and a
 * load that spends its time on copies measures itself.
 */
export class FrameReader {
  private rest: Buffer | null = null;

  constructor(private readonly onFrame: OnFrame) {}

  /** `chunk` is only valid during the call. */
  feed(chunk: Buffer): void {
    const bytes = this.rest ? Buffer.concat([this.rest, chunk]) : chunk;
    this.rest = null;
    let at = 0;
    while (at + 2 <= bytes.length) {
      const [start, end] = boundsOf(bytes, at);
      if (end > bytes.length) break;
      this.onFrame((bytes[at] ?? 0) & 0x0f, bytes, start, end);
      at = end;
    }
    if (at < bytes.length) this.rest = Buffer.from(bytes.subarray(at));
  }
}

/** Where a frame's payload begins and ends; beyond the chunk when not all of it is there. */
function boundsOf(bytes: Buffer, at: number): [number, number] {
  const size = (bytes[at + 1] ?? 0) & 0x7f;
  if (size < 126) return [at + 2, at + 2 + size];
  if (size === 126) {
    if (at + 4 > bytes.length) return [at + 4, Number.POSITIVE_INFINITY];
    return [at + 4, at + 4 + bytes.readUInt16BE(at + 2)];
  }
  if (at + 10 > bytes.length) return [at + 10, Number.POSITIVE_INFINITY];
  return [at + 10, at + 10 + Number(bytes.readBigUInt64BE(at + 2))];
}
