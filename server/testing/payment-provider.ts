import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly charge: { id: string; organisation: string; amount: number; currency: string };
}

/** The other side of payments, which says what a test tells it to say; null: it hangs up. */
export class PaymentProvider {
  readonly secret = 'a secret of hub and provider';
  readonly name = 'acme-pay';
  readonly asked: Asked[] = [];
  says: object | null = { status: 'paid', reference: 'r-1' };
  /** What the hub is told of it; complete once it listens. */
  readonly env: Record<string, string> = { PAYMENT_SECRET: this.secret, PAYMENT_PROVIDER: this.name };
  private readonly server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      this.asked.push({ headers: request.headers, body, charge: JSON.parse(body) });
      if (this.says === null) return void response.destroy();
      response.setHeader('content-type', 'application/json').end(JSON.stringify(this.says));
    });
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    // Listening on a port, its address is an AddressInfo.
    this.env['PAYMENT_URL'] = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1/`;
  }

  forget(): void {
    this.asked.length = 0;
    this.says = { status: 'paid', reference: 'r-1' };
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
