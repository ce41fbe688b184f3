import {
  type Integration,
  type IntegrationChange,
  type IntegrationConfig,
  integrationsLive,
  type NewIntegration,
  type ProbeResult,
  type Rotation,
} from '@loro/contracts/integrations';
import type { z } from 'zod';
import { type Actor, type After, allow, type Hub, HubError, NotFound, type Page, pageOf, ulid } from '../../platform';
import type { Neighbours } from './hooks';
import { probe, type Probed } from './integration.probes';
import { integrationOf, type IntegrationStore, type StoredIntegration } from './integration.store';
import type { Credentials, SecretsStore } from './secrets.store';

const FAILING_AFTER = 3;
const PAGE = 100;
const AT_ONCE = 10;

/** Services that an organisation connected, their secrets, and whether they answer. */
export class IntegrationsService {
  constructor(
    private readonly hub: Hub,
    private readonly store: IntegrationStore,
    private readonly secrets: SecretsStore,
    private readonly neighbours: Neighbours,
  ) {}

  async create(actor: Actor, { name, config, secret }: z.output<typeof NewIntegration>): Promise<Integration> {
    allow(actor, 'integrations.manage');
    const { orgId } = actor;
    const now = this.hub.now();
    return this.hub.transact(async (after) => {
      const used = await this.store.count(orgId);
      await this.neighbours.addIntegration(orgId, { used, adding: 1 }, after);
      const row: StoredIntegration = {
        orgId,
        id: ulid(now.getTime()),
        name,
        config,
        secretId: secret === undefined ? null : await this.secrets.keep(orgId, secret),
        state: 'untested',
        lastCheckAt: null,
        lastError: null,
        failures: 0,
        createdAt: now,
        version: 1,
      };
      await this.store.save(row);
      return this.note('created', row, undefined, after);
    });
  }

  async change(
    actor: Actor,
    id: string,
    version: number,
    { name, config, isDisabled }: z.output<typeof IntegrationChange>,
  ): Promise<Integration> {
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, id, version);
      const before = await this.present(row);
      if (name !== undefined) row.name = name;
      if (config !== undefined) {
        if (config.kind !== row.config.kind)
          throw new HubError('VALIDATION_FAILED', 'An integration stays of its kind.', {
            errors: [{ path: 'config.kind', code: 'immutable', message: 'cannot be another one' }],
          });
        // What is known of the service is known of the earlier address.
        Object.assign(row, { config, state: 'untested', failures: 0, lastError: null });
      }
      if (isDisabled === true) row.state = 'disabled';
      if (isDisabled === false && row.state === 'disabled') row.state = 'untested';
      row.version += 1;
      await this.store.save(row);
      return this.note('changed', row, before, after);
    });
  }

  async rotate(actor: Actor, id: string, { secret, overlapHours }: z.output<typeof Rotation>): Promise<Integration> {
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, id);
      const before = await this.present(row);
      if (row.secretId === null) row.secretId = await this.secrets.keep(row.orgId, secret);
      else await this.secrets.rotate(row.orgId, row.secretId, secret, overlapHours);
      row.version += 1;
      await this.store.save(row);
      return this.note('secret-rotated', row, before, after);
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    await this.hub.transact(async (after) => {
      const row = await this.lock(actor, id, version);
      await this.note('removed', row, await this.present(row), after);
      await this.store.remove(row.orgId, id);
      if (row.secretId !== null) await this.secrets.remove(row.orgId, row.secretId);
    });
  }

  /** Asks the service now. No transaction is open meanwhile. */
  async test(actor: Actor, id: string): Promise<ProbeResult> {
    const row = await this.find(actor, id);
    const probed = await probe(this.hub, row.config, await this.secrets.open(row.orgId, row.secretId));
    const state = await this.noteProbe(row, probed);
    return { ...probed, state };
  }

  async get(actor: Actor, id: string): Promise<Integration> {
    return this.present(await this.find(actor, id));
  }

  async list(
    actor: Actor,
    { limit, cursor, kind }: { limit: number; cursor?: string | undefined; kind?: string | undefined },
  ): Promise<Page<Integration>> {
    allow(actor, 'integrations.manage');
    const after = this.hub.cursors.decode('integrations', cursor)?.[0];
    const rows = await this.store.list(actor.orgId, kind, after === undefined ? undefined : String(after), limit + 1);
    const infos = await this.secrets.infoOf(
      actor.orgId,
      rows.map(({ secretId }) => secretId),
    );
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('integrations', [id]),
      (row) => integrationOf(row, infos.get(row.secretId ?? '')),
    );
  }

  /** For the rooms that use a service: where it is and what opens it; null while it is switched off. */
  async use(orgId: string, id: string): Promise<{ config: IntegrationConfig; credentials: Credentials | null } | null> {
    const row = await this.store.find(orgId, id);
    if (!row || row.state === 'disabled') return null;
    return { config: row.config, credentials: await this.secrets.open(orgId, row.secretId) };
  }

  /** Asks every service that is in use, a few at a time. */
  async checkAll(): Promise<void> {
    for (let after = ''; ;) {
      const rows = await this.store.inUse(after, PAGE);
      for (let from = 0; from < rows.length; from += AT_ONCE)
        await Promise.all(rows.slice(from, from + AT_ONCE).map((row) => this.check(row)));
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      after = last.id;
    }
  }

  private async check(row: StoredIntegration): Promise<void> {
    const credentials = await this.secrets.open(row.orgId, row.secretId);
    await this.noteProbe(row, await probe(this.hub, row.config, credentials));
  }

  /** Three failures in a row make it failing, one answer makes it well again; each is told once. */
  private async noteProbe(
    { orgId, id, version }: StoredIntegration,
    { isOk, detail }: Probed,
  ): Promise<Integration['state']> {
    return this.hub.transact(async (after) => {
      const row = await this.store.find(orgId, id, 'FOR UPDATE');
      // Another address or secret since then: the answer says nothing about it.
      if (!row || row.version !== version || row.state === 'disabled') return row?.state ?? 'untested';
      const before = row.state;
      row.lastCheckAt = this.hub.now();
      row.lastError = isOk ? null : detail.slice(0, 500);
      row.failures = isOk ? 0 : row.failures + 1;
      if (isOk) row.state = 'ok';
      else if (row.failures >= FAILING_AFTER) row.state = 'failing';
      await this.store.save(row);
      const told = { id, kind: row.config.kind, name: row.name, at: row.lastCheckAt.toISOString() };
      if (row.state === 'failing' && before !== 'failing')
        after.publish(integrationsLive, 'integration:failing', { orgId, id: orgId }, told);
      if (row.state === 'ok' && before === 'failing')
        after.publish(integrationsLive, 'integration:recovered', { orgId, id: orgId }, told);
      if (row.state !== before)
        after.record({
          type: 'system_event',
          action: `integration.${row.state === 'ok' ? 'answered' : 'failed'}`,
          orgId,
          entity: { type: 'integration', id },
          data: { state: row.state, failures: row.failures },
        });
      return row.state;
    });
  }

  private async find(actor: Actor, id: string, lock: '' | 'FOR UPDATE' = ''): Promise<StoredIntegration> {
    allow(actor, 'integrations.manage');
    const row = await this.store.find(actor.orgId, id, lock);
    if (!row) throw new NotFound('This integration');
    return row;
  }

  private async lock(actor: Actor, id: string, version?: number): Promise<StoredIntegration> {
    const row = await this.find(actor, id, 'FOR UPDATE');
    if (version !== undefined && row.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this integration meanwhile.', {
        current: await this.present(row),
      });
    return row;
  }

  private async present(row: StoredIntegration): Promise<Integration> {
    const infos = await this.secrets.infoOf(row.orgId, [row.secretId]);
    return integrationOf(row, infos.get(row.secretId ?? ''));
  }

  private async note(
    done: string,
    row: StoredIntegration,
    before: Integration | undefined,
    after: After,
  ): Promise<Integration> {
    const integration = await this.present(row);
    after.record({
      type: 'security_event',
      action: `integration.${done}`,
      entity: { type: 'integration', id: row.id },
      ...(before && { before }),
      ...(done !== 'removed' && { after: integration }),
    });
    return integration;
  }
}
