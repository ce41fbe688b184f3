import { z } from 'zod';
import type { Hub } from '../../platform';
import { signature } from './payments.policy';

const TIMEOUT_MS = 10_000;

/** What a provider is asked for. Asked twice under one id, it charges once. */
export interface ChargeRequest {
  readonly id: string;
  readonly organisation: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string;
}

const Answer = z.object({
  /** `pending`: a webhook will say what became of it. */
  status: z.enum(['paid', 'declined', 'pending']),
  reference: z.string().max(120).optional(),
  subscription: z.string().max(120).optional(),
  reason: z.string().max(200).optional(),
});
export type ChargeAnswer = z.infer<typeof Answer>;

/** The way out to a payment provider: `POST <PAYMENT_URL>/charges`, signed; answers come there or by webhook. */
export class Payments {
  constructor(private readonly hub: Hub) {}

  get name(): string {
    return this.hub.config.PAYMENT_PROVIDER;
  }

  get isSetUp(): boolean {
    return this.hub.config.PAYMENT_URL !== undefined;
  }

  /** Where nobody answers, it is not known whether it was charged: it stays pending, and is asked for again. */
  async charge(request: ChargeRequest): Promise<ChargeAnswer> {
    const { PAYMENT_URL: url, PAYMENT_SECRET: secret } = this.hub.config;
    if (url === undefined) throw new Error('a charge without a payment provider');
    const body = JSON.stringify(request);
    const timestamp = String(Math.floor(this.hub.now().getTime() / 1_000));
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': request.id,
      'webhook-id': request.id,
      'webhook-timestamp': timestamp,
      ...(secret !== undefined && { 'webhook-signature': signature({ id: request.id, timestamp, body }, secret) }),
    };
    try {
      const response = await fetch(`${url.replace(/\/$/, '')}/charges`, {
        method: 'POST',
        headers,
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) throw new Error(`the payment provider answered ${response.status}`);
      return Answer.parse(await response.json());
    } catch (error) {
      this.hub.log.warn({ err: error, charge: request.id }, 'a charge was not answered, will be asked for again');
      return { status: 'pending' };
    }
  }
}
