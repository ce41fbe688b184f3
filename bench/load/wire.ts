/** How a server is spoken to: Socket.IO's packets, or bare JSON on a bare WebSocket. */
export interface Target {
  readonly wire: 'socket.io' | 'ws';
  readonly port: number;
  readonly namespace: string;
  /** The event that ends the welcome, where a server says more than Socket.IO's own. */
  readonly welcome: string | null;
}

/** What an event of this name begins with on the wire. */
export const eventPrefix = ({ wire, namespace }: Target, name: string): Buffer =>
  Buffer.from(wire === 'ws' ? `["${name}"` : `42${namespace},["${name}"`);

/** A call that asks for an acknowledgement. */
export const callText = ({ wire, namespace }: Target, id: number, name: string, input: unknown): string =>
  `${wire === 'ws' ? '' : `42${namespace},`}${id}${JSON.stringify([name, input])}`;

/** What an acknowledgement begins with, up to its number. */
export const ackPrefix = ({ wire, namespace }: Target): string => (wire === 'ws' ? '' : `43${namespace},`);

export const connectText = ({ namespace }: Target, token: string): string =>
  `40${namespace},${JSON.stringify({ token })}`;

export function upgradeRequest({ wire, port }: Target, token: string): string {
  const path = wire === 'ws' ? '/' : '/socket.io/?EIO=4&transport=websocket';
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: bG9yby1odWItYmVuY2gtMQ==',
    'Sec-WebSocket-Version: 13',
    ...(wire === 'ws' ? [`Authorization: Bearer ${token}`] : []),
    '',
    '',
  ].join('\r\n');
}
