import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A line to the hub that passes everything on and can be cut, as a tunnel or a weak signal cuts a phone's. */
export class Line {
  cuts = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private cutNext = false;

  private constructor(private readonly hub: URL) {
    this.server = createServer((phone) => this.join(phone));
  }

  static async open(url: string): Promise<Line> {
    const line = new Line(new URL(url));
    await new Promise<void>((resolve) => line.server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  /** What to connect to instead of the hub. */
  get url(): string {
    // A server that listens on a port has an address of this kind.
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.hub.pathname.replace(/\/$/, '')}`;
  }

  /** Cuts at the worst moment: the hub gets what the phone sends next, and the phone never hears of it. */
  cutAfterNext(): void {
    this.cutNext = true;
  }

  /** Ends every connection without a word. */
  cut(): void {
    this.cuts += 1;
    this.drop();
  }

  close(): void {
    this.server.close();
    this.drop();
  }

  private join(phone: Socket): void {
    const { protocol, hostname, port } = this.hub;
    const isTls = protocol === 'https:';
    const host = hostname.replace(/^\[|\]$/g, '');
    const address = { host, port: Number(port || (isTls ? 443 : 80)) };
    const hub = isTls ? connectTls({ ...address, servername: host }) : connect(address);
    this.tie(phone, hub);
    this.tie(hub, phone);
    hub.on('data', (bytes) => phone.write(bytes));
    phone.on('data', (bytes) => {
      const isLast = this.cutNext;
      this.cutNext = false;
      hub.write(bytes, () => {
        if (!isLast) return;
        this.cut();
      });
    });
  }

  /** Where one end goes, the other goes too. */
  private tie(socket: Socket, other: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => other.destroy());
    socket.on('close', () => {
      this.sockets.delete(socket);
      other.destroy();
    });
  }

  private drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
