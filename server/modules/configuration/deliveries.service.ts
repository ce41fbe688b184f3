import { integrationsLive } from '@loro/contracts/integrations';
import { deliverWebhook } from '@loro/contracts/webhooks';
import { type After, type Hub, HubError, type PendingEvent, ulid } from '../../platform';
import type { SecretsStore } from './secrets.store';
import type { ConfigVersions } from './versions.store';
import { isReceipt, retryAfterMs, signatureHeaders } from './webhook.policy';
import type { StoredDelivery, StoredWebhook, WebhookStore } from './webhook.store';

const TIMEOUT_MS = 15_000;
const KEPT_MS = 30 * 86_400_000;
/** So many deliveries in a row that were given up switch a webhook off. */
const OFF_AFTER = 10;
const GONE = 410;

interface Said {
  readonly event: string;
  readonly stream: string | null;
  readonly data: unknown;
}

interface Outcome {
  readonly status: number | null;
  readonly error: string | null;
  readonly durationMs: number;
}

/** Sending events to webhooks: written with the events, sent after them, tried again for a day. */
export class DeliveriesService {
  constructor(
    private readonly hub: Hub,
    private readonly store: WebhookStore,
    private readonly secrets: SecretsStore,
    private readonly versions: ConfigVersions,
  ) {}

  /** Notes what must be sent, in the transaction that publishes it. */
  async overhear(events: readonly PendingEvent[], after: After): Promise<void> {
    for (const { event, stream, data } of events) {
      const [orgId = ''] = stream.split(':');
      for (const webhook of await this.store.enabledOf(orgId))
        if (webhook.events.includes(event) || webhook.events.includes('*'))
          await this.add(webhook, { event, stream: stream.slice(orgId.length + 1), data }, after);
    }
  }

  async add(
    { orgId, id: webhookId }: StoredWebhook,
    { event, stream, data }: Said,
    after: After,
  ): Promise<StoredDelivery> {
    const now = this.hub.now();
    const id = ulid(now.getTime());
    const delivery: StoredDelivery = {
      orgId,
      id,
      webhookId,
      event,
      body: JSON.stringify({ id, type: event, at: now.toISOString(), organisationId: orgId, stream, data }),
      state: 'waiting',
      attempts: 0,
      nextAt: now,
      status: null,
      error: null,
      durationMs: null,
      createdAt: now,
      deliveredAt: null,
    };
    await this.store.saveDelivery(delivery);
    after.enqueue(deliverWebhook, { orgId, deliveryId: id, attempt: 1 });
    return delivery;
  }

  /** One attempt. A job that runs twice finds that its attempt was made. */
  async deliver(orgId: string, id: string, attempt: number): Promise<void> {
    const delivery = await this.store.delivery(orgId, id);
    if (delivery?.state !== 'waiting' || delivery.attempts !== attempt - 1) return;
    const webhook = await this.store.find(orgId, delivery.webhookId);
    if (!webhook) return;
    await this.conclude(orgId, id, attempt, await this.attempt(webhook, delivery));
  }

  async forgetOld(): Promise<void> {
    await this.store.forget(new Date(this.hub.now().getTime() - KEPT_MS));
  }

  private async attempt(
    { orgId, url, isEnabled, secretId }: StoredWebhook,
    delivery: StoredDelivery,
  ): Promise<Outcome> {
    if (!isEnabled) return { status: GONE, error: 'the webhook is switched off', durationMs: 0 };
    if (!(await this.hub.ports.entitled(orgId, 'webhooks')))
      return { status: GONE, error: 'the plan holds no webhooks', durationMs: 0 };
    const credentials = await this.secrets.open(orgId, secretId);
    const secrets = [credentials?.secret, credentials?.previous].filter((one) => one != null);
    const started = performance.now();
    const spent = () => Math.round(performance.now() - started);
    try {
      const { status } = await this.hub.outgoing.text(url, {
        method: 'POST',
        body: delivery.body,
        timeoutMs: TIMEOUT_MS,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Loro-Hub-Webhooks',
          ...signatureHeaders(delivery, secrets, this.hub.now()),
        },
      });
      return { status, error: isReceipt(status) ? null : `answered ${status}`, durationMs: spent() };
    } catch (error) {
      return { status: null, error: sentence(error), durationMs: spent() };
    }
  }

  private async conclude(orgId: string, id: string, attempt: number, outcome: Outcome): Promise<void> {
    await this.hub.transact(async (after) => {
      const delivery = await this.store.delivery(orgId, id, 'FOR UPDATE');
      if (delivery?.state !== 'waiting' || delivery.attempts !== attempt - 1) return;
      Object.assign(delivery, { ...outcome, attempts: attempt, nextAt: null });
      if (outcome.error === null) Object.assign(delivery, { state: 'delivered', deliveredAt: this.hub.now() });
      else {
        const waitMs = outcome.status === GONE ? null : retryAfterMs(attempt);
        if (waitMs === null) delivery.state = 'given-up';
        else {
          delivery.nextAt = new Date(this.hub.now().getTime() + waitMs);
          after.enqueue(deliverWebhook, { orgId, deliveryId: id, attempt: attempt + 1 }, { delayMs: waitMs });
        }
      }
      await this.store.saveDelivery(delivery);
      if (delivery.state !== 'waiting') await this.count(delivery, outcome, after);
    });
  }

  /** What was received makes a webhook well again; what was given up too often switches it off, as does `410 Gone`. */
  private async count({ orgId, webhookId, state }: StoredDelivery, { status }: Outcome, after: After): Promise<void> {
    const webhook = await this.store.find(orgId, webhookId, 'FOR UPDATE');
    if (!webhook || (state === 'delivered' && webhook.failures === 0)) return;
    webhook.failures = state === 'delivered' ? 0 : webhook.failures + 1;
    const isOver = webhook.isEnabled && state !== 'delivered' && (status === GONE || webhook.failures >= OFF_AFTER);
    if (isOver) {
      webhook.isEnabled = false;
      webhook.version += 1;
      await this.versions.bump(orgId);
      const at = this.hub.now().toISOString();
      const told = { id: webhookId, kind: 'webhook', name: webhook.name, at } as const;
      after.publish(integrationsLive, 'integration:failing', { orgId, id: orgId }, told);
      after.record({
        type: 'system_event',
        action: 'webhook.switched-off',
        orgId,
        entity: { type: 'webhook', id: webhookId },
        data: { failures: webhook.failures },
      });
    }
    await this.store.save(webhook);
  }
}

/** What went wrong, without what the other side said. */
function sentence(error: unknown): string {
  if (error instanceof HubError) return error.message.slice(0, 300);
  if (!(error instanceof Error)) return 'did not answer';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'did not answer in time';
  if ('code' in error && typeof error.code === 'string') return `could not be reached (${error.code})`;
  return 'did not answer';
}
