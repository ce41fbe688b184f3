import { catalog } from '@loro/contracts/catalog';
import { type Delivery, deliverWebhook, type Webhook, type WebhookWithSecret } from '@loro/contracts/webhooks';
import type { z } from 'zod';
import { type Actor, type After, allow, type Hub, HubError, NotFound, type Page, pageOf, ulid } from '../../platform';
import type { SecretsStore } from './secrets.store';
import { newSecret } from './webhook.policy';
import { deliveryOf, type StoredWebhook, webhookOf, type WebhookStore } from './webhook.store';
import type { ConfigVersions } from './versions.store';
import type { DeliveriesService } from './deliveries.service';

interface Paged {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

interface Wish {
  readonly name?: string | undefined;
  readonly url?: string | undefined;
  readonly events?: string[] | undefined;
  readonly isEnabled?: boolean | undefined;
}

/** Events that are never skipped: those of `log` streams, of every room. */
const known = new Set(
  catalog.flatMap(({ live }) =>
    Object.entries(live?.events ?? {}).flatMap(([name, { stream }]) =>
      live?.streams[stream]?.class === 'log' ? [name] : [],
    ),
  ),
);

/** Addresses of an organisation that its events are sent to. */
export class WebhooksService {
  constructor(
    private readonly hub: Hub,
    private readonly parts: {
      readonly store: WebhookStore;
      readonly secrets: SecretsStore;
      readonly versions: ConfigVersions;
      readonly deliveries: DeliveriesService;
    },
  ) {}

  async create(
    actor: Actor,
    { name, url, events }: { name: string; url: string; events: string[] },
  ): Promise<z.output<typeof WebhookWithSecret>> {
    allow(actor, 'integrations.manage');
    mustExist(events);
    const { orgId } = actor;
    const secret = newSecret();
    return this.hub.transact(async (after) => {
      await this.parts.versions.bump(orgId);
      const now = this.hub.now();
      const row: StoredWebhook = {
        orgId,
        id: ulid(now.getTime()),
        name,
        url,
        events,
        isEnabled: true,
        secretId: await this.parts.secrets.keep(orgId, secret),
        failures: 0,
        createdAt: now,
        version: 1,
      };
      await this.parts.store.save(row);
      return { ...(await this.note('created', row, undefined, after)), secret };
    });
  }

  async change(actor: Actor, id: string, version: number, { name, url, events, isEnabled }: Wish): Promise<Webhook> {
    if (events) mustExist(events);
    return this.hub.transact(async (after) => {
      await this.parts.versions.bump(actor.orgId);
      const row = await this.lock(actor, id, version);
      const before = await this.present(row);
      if (name !== undefined) row.name = name;
      if (url !== undefined) row.url = url;
      if (events !== undefined) row.events = events;
      if (isEnabled !== undefined) row.isEnabled = isEnabled;
      if (isEnabled === true) row.failures = 0;
      row.version += 1;
      await this.parts.store.save(row);
      return this.note('changed', row, before, after);
    });
  }

  async rotate(actor: Actor, id: string, overlapHours: number): Promise<z.output<typeof WebhookWithSecret>> {
    const secret = newSecret();
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, id);
      const before = await this.present(row);
      await this.parts.secrets.rotate(row.orgId, row.secretId, secret, overlapHours);
      row.version += 1;
      await this.parts.store.save(row);
      return { ...(await this.note('secret-rotated', row, before, after)), secret };
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    await this.hub.transact(async (after) => {
      await this.parts.versions.bump(actor.orgId);
      const row = await this.lock(actor, id, version);
      await this.note('removed', row, await this.present(row), after);
      await this.parts.store.remove(row.orgId, id);
      await this.parts.secrets.remove(row.orgId, row.secretId);
    });
  }

  async get(actor: Actor, id: string): Promise<Webhook> {
    return this.present(await this.find(actor, id));
  }

  async list(actor: Actor, { limit, cursor }: Paged): Promise<Page<Webhook>> {
    allow(actor, 'integrations.manage');
    const after = this.hub.cursors.decode('webhooks', cursor)?.[0];
    const rows = await this.parts.store.list(actor.orgId, after === undefined ? undefined : String(after), limit + 1);
    const infos = await this.parts.secrets.infoOf(
      actor.orgId,
      rows.map(({ secretId }) => secretId),
    );
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('webhooks', [id]),
      (row) => webhookOf(row, infos.get(row.secretId)),
    );
  }

  /** Sends something there that no room said. */
  async test(actor: Actor, id: string): Promise<Delivery> {
    const row = await this.find(actor, id);
    return this.hub.transact(async (after) =>
      deliveryOf(
        await this.parts.deliveries.add(row, { event: 'webhook:tested', stream: null, data: { webhookId: id } }, after),
      ),
    );
  }

  async deliveries(
    actor: Actor,
    id: string,
    { limit, cursor, state }: Paged & { state?: string | undefined },
  ): Promise<Page<Delivery>> {
    await this.find(actor, id);
    const before = this.hub.cursors.decode('deliveries', cursor)?.[0];
    const where = { webhookId: id, state, before: before === undefined ? undefined : String(before) };
    const rows = await this.parts.store.deliveries(actor.orgId, where, limit + 1);
    return pageOf(rows, limit, (row) => this.hub.cursors.encode('deliveries', [row.id]), deliveryOf);
  }

  /** The same id and body once more; who received it before can tell. */
  async redeliver(actor: Actor, id: string, deliveryId: string): Promise<Delivery> {
    const { orgId } = await this.find(actor, id);
    return this.hub.transact(async (after) => {
      const row = await this.parts.store.delivery(orgId, deliveryId, 'FOR UPDATE');
      if (!row || row.webhookId !== id) throw new NotFound('This delivery');
      Object.assign(row, { state: 'waiting', attempts: 0, nextAt: this.hub.now(), deliveredAt: null });
      await this.parts.store.saveDelivery(row);
      after.enqueue(deliverWebhook, { orgId, deliveryId, attempt: 1 });
      after.record({ action: 'webhook.redelivered', entity: { type: 'webhook', id }, data: { deliveryId } });
      return deliveryOf(row);
    });
  }

  private async find(actor: Actor, id: string, lock: '' | 'FOR UPDATE' = ''): Promise<StoredWebhook> {
    allow(actor, 'integrations.manage');
    const row = await this.parts.store.find(actor.orgId, id, lock);
    if (!row) throw new NotFound('This webhook');
    return row;
  }

  private async lock(actor: Actor, id: string, version?: number): Promise<StoredWebhook> {
    const row = await this.find(actor, id, 'FOR UPDATE');
    if (version !== undefined && row.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this webhook meanwhile.', {
        current: await this.present(row),
      });
    return row;
  }

  private async present(row: StoredWebhook): Promise<Webhook> {
    const infos = await this.parts.secrets.infoOf(row.orgId, [row.secretId]);
    return webhookOf(row, infos.get(row.secretId));
  }

  private async note(done: string, row: StoredWebhook, before: Webhook | undefined, after: After): Promise<Webhook> {
    const webhook = await this.present(row);
    after.record({
      type: 'security_event',
      action: `webhook.${done}`,
      entity: { type: 'webhook', id: row.id },
      ...(before && { before }),
      ...(done !== 'removed' && { after: webhook }),
    });
    return webhook;
  }
}

function mustExist(events: readonly string[]): void {
  const errors = events.flatMap((name, at) =>
    name === '*' || known.has(name) ? [] : [{ path: `events.${at}`, code: 'unknown', message: 'is no event' }],
  );
  if (errors.length > 0) throw new HubError('UNKNOWN_EVENT', 'Not all of these are events.', { errors });
}
