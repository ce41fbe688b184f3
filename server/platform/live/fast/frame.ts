const TEXT_FRAME = 0x81;

/** One unmasked text frame (RFC 6455 §5.2) with an Engine.IO message in it: header and payload in one piece of memory. */
export function messageFrame(packet: string): Buffer {
  const length = Buffer.byteLength(packet) + 1;
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = TEXT_FRAME;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  // '4' is the Engine.IO packet type "message".
  frame[header] = 0x34;
  frame.write(packet, header + 1, 'utf8');
  return frame;
}
