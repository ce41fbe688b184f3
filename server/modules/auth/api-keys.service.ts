import type { ApiKey, ApiKeyChange, MadeApiKey, NewApiKey } from '@loro/contracts/auth-keys';
import { catalog } from '@loro/contracts/catalog';
import { Op } from 'sequelize';
import type { z } from 'zod';
import { type Actor, Forbidden, type Hub, HubError, NotFound, type Page, pageOf, ulid } from '../../platform';
import { people } from '../people';
import { ApiKeyModel } from './api-key.model';
import { digestOf, newApiKey } from './api-key.policy';
import type { SecurityRules } from './security-rules';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 90;
const known = new Set(catalog.flatMap((room) => Object.keys(room.permissions ?? {})));

interface Scopes {
  readonly permissions?: readonly string[] | undefined;
  readonly expiresAt?: string | undefined;
}

/** API keys as their administrators see them. */
export class ApiKeys {
  constructor(
    private readonly hub: Hub,
    private readonly rules: SecurityRules,
  ) {}

  async list(
    { orgId }: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<ApiKey>> {
    const after = this.hub.cursors.decode('api-keys', cursor);
    const rows = await ApiKeyModel.findAll({
      where: { orgId, revokedAt: null, ...(after && { id: { [Op.lt]: String(after[0]) } }) },
      order: [['id', 'DESC']],
      limit: limit + 1,
    });
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('api-keys', [id]),
      (row) => row.toContract(),
    );
  }

  async get({ orgId }: Actor, apiKeyId: string): Promise<ApiKey> {
    const key = await ApiKeyModel.findOne({ where: { orgId, id: apiKeyId, revokedAt: null } });
    if (!key) throw new NotFound('This API key');
    return key.toContract();
  }

  async make(actor: Actor, input: z.output<typeof NewApiKey>): Promise<MadeApiKey> {
    const { orgId, userId: createdBy } = actor;
    const expiresAt = await this.judge(actor, input);
    const { prefix, secret } = newApiKey();
    return this.hub.transact(async (after) => {
      const now = this.hub.now();
      const userId = await this.hub.use(people).serviceAccounts.open(orgId, input.name);
      const row = await ApiKeyModel.create({
        orgId,
        id: ulid(now.getTime()),
        userId,
        createdBy,
        name: input.name,
        prefix,
        sha256: digestOf(secret) ?? '',
        permissions: JSON.stringify(input.permissions),
        ipAllow: JSON.stringify(input.ipAllow),
        createdAt: now,
        expiresAt: expiresAt ?? (await this.usualEnd(orgId, now)),
        lastUsedAt: null,
        revokedAt: null,
        version: 1,
      });
      const made = row.toContract();
      after.record({
        type: 'security_event',
        action: 'api-key.made',
        entity: { type: 'api-key', id: made.id },
        after: made,
      });
      return { ...made, secret };
    });
  }

  async change(actor: Actor, apiKeyId: string, version: number, input: z.output<typeof ApiKeyChange>): Promise<ApiKey> {
    const { orgId } = actor;
    const expiresAt = await this.judge(actor, input);
    return this.hub.transact(async (after) => {
      const row = await this.lock(orgId, apiKeyId);
      const before = row.toContract();
      if (row.version !== version)
        throw new HubError('VERSION_CONFLICT', 'Somebody changed this API key meanwhile.', { current: before });
      await row.update({
        ...(input.name !== undefined && { name: input.name }),
        ...(input.permissions && { permissions: JSON.stringify(input.permissions) }),
        ...(input.ipAllow && { ipAllow: JSON.stringify(input.ipAllow) }),
        ...(expiresAt && { expiresAt }),
        version: version + 1,
      });
      if (input.name !== undefined)
        await this.hub.use(people).serviceAccounts.change(orgId, row.userId, { name: input.name });
      await this.hub.changes.record({ orgId, userId: row.userId, sessionId: null });
      const changed = row.toContract();
      after.record({
        type: 'security_event',
        action: 'api-key.changed',
        entity: { type: 'api-key', id: row.id },
        before,
        after: changed,
      });
      return changed;
    });
  }

  async revoke({ orgId }: Actor, apiKeyId: string): Promise<void> {
    await this.hub.transact(async (after) => {
      const row = await this.lock(orgId, apiKeyId);
      await row.update({ revokedAt: this.hub.now(), version: row.version + 1 });
      await this.hub.use(people).serviceAccounts.change(orgId, row.userId, { status: 'deactivated' });
      await this.hub.changes.record({ orgId, userId: row.userId, sessionId: row.id });
      after.record({
        type: 'security_event',
        action: 'api-key.revoked',
        severity: 'notice',
        entity: { type: 'api-key', id: row.id },
        data: { name: row.name, createdBy: row.createdBy },
      });
    });
    await this.hub.changes.read();
  }

  /** @returns when the key ends, where the caller says so */
  private async judge(actor: Actor, { permissions = [], expiresAt }: Scopes): Promise<Date | undefined> {
    const unknown = permissions.flatMap((permission, at) => (known.has(permission) ? [] : [{ permission, at }]));
    if (unknown.length > 0)
      throw new HubError('VALIDATION_FAILED', 'There are no such permissions.', {
        errors: unknown.map(({ permission, at }) => ({
          path: `permissions.${at}`,
          code: 'unknown_permission',
          message: `there is no permission ${permission}`,
        })),
      });
    const lacking = permissions.filter((permission) => ![...actor.grants.keys()].some((held) => held === permission));
    if (lacking.length > 0)
      throw new Forbidden('FORBIDDEN', `A key cannot be given what you lack: ${lacking.join(', ')}.`);
    if (expiresAt === undefined) return undefined;
    const end = new Date(expiresAt);
    const now = this.hub.now().getTime();
    const days = await this.rules.apiKeyDays(actor.orgId);
    if (end.getTime() <= now || end.getTime() > now + days * DAY_MS)
      throw new HubError('VALIDATION_FAILED', `A key ends within ${days} days from now.`, {
        errors: [{ path: 'expiresAt', code: 'out_of_range', message: `is not within ${days} days from now` }],
      });
    return end;
  }

  private async usualEnd(orgId: string, now: Date): Promise<Date> {
    const days = Math.min(USUAL_DAYS, await this.rules.apiKeyDays(orgId));
    return new Date(now.getTime() + days * DAY_MS);
  }

  private async lock(orgId: string, id: string): Promise<ApiKeyModel> {
    const row = await ApiKeyModel.findOne({ where: { orgId, id, revokedAt: null }, lock: true });
    if (!row) throw new NotFound('This API key');
    return row;
  }
}
