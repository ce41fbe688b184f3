import { createHash } from 'node:crypto';
import type { SettingChange, OwnValue } from '@loro/contracts/configuration-values';
import type { SettingLevel } from '@loro/contracts/kit/settings';
import { ForeignKeyConstraintError } from 'sequelize';
import { type Hub, NotFound, ulid } from '../../platform';
import { HUB_ORG } from './versions.store';

/** One setting of one owner. */
export interface Place {
  readonly orgId: string;
  readonly level: SettingLevel;
  readonly ownerId: string;
  readonly key: string;
}

export interface StoredValue {
  readonly isSet: boolean;
  /** As text of JSON; null where nothing is set. */
  readonly text: string | null;
  readonly isLocked: boolean;
  readonly version: number;
  readonly last4: string | null;
}

export interface NewValue {
  readonly text: string | null;
  readonly last4: string | null;
  readonly isSecret: boolean;
  readonly isLocked: boolean;
  readonly by: string | null;
}

/** Who changed something and in what connection. */
export interface Occasion {
  readonly actorId: string | null;
  readonly reason: string | null;
  readonly changeSetId: string | null;
}

interface ValueRow {
  isSet: number;
  value: string | null;
  sealed: Buffer | null;
  isLocked: number;
  version: number;
  last4: string | null;
}

export interface ChangeRow {
  id: string;
  key: string;
  level: SettingLevel;
  ownerId: string;
  before: string | null;
  after: string | null;
  beforeHash: string | null;
  afterHash: string | null;
  wasLocked: number;
  isLocked: number;
  isSecret: number;
  actorId: string | null;
  reason: string | null;
  changeSetId: string | null;
  at: Date;
}

const CHANGE = `id, name AS \`key\`, level, owner_id AS ownerId, old_value AS \`before\`, new_value AS \`after\`,
  old_hash AS beforeHash, new_hash AS afterHash, was_locked AS wasLocked, is_locked AS isLocked,
  is_secret AS isSecret, actor_id AS actorId, reason, change_set_id AS changeSetId, at`;

const nothing: StoredValue = { isSet: false, text: null, isLocked: false, version: 0, last4: null };
const rowOrg = ({ level, orgId }: Pick<Place, 'level' | 'orgId'>): string => (level === 'platform' ? HUB_ORG : orgId);

/** Rows of settings and of their history. */
export class SettingsStore {
  constructor(private readonly hub: Hub) {}

  /** What is set, locked until the caller's transaction ends. */
  async lock(place: Place): Promise<StoredValue> {
    const { level, ownerId, key } = place;
    const [row] = await this.hub.select<ValueRow>(
      `SELECT is_set AS isSet, value, sealed, is_locked AS isLocked, version, last4 FROM config_values
       WHERE org_id = :orgId AND level = :level AND owner_id = :ownerId AND name = :key FOR UPDATE`,
      { orgId: rowOrg(place), level, ownerId, key },
    );
    if (!row) return nothing;
    return {
      isSet: row.isSet === 1,
      text: row.sealed ? this.hub.secrets.open('settings', row.sealed) : row.value,
      isLocked: row.isLocked === 1,
      version: row.version,
      last4: row.last4,
    };
  }

  /** @throws NotFound for an owner that is not of the organisation */
  async write(place: Place, version: number, { text, last4, isSecret, isLocked, by }: NewValue): Promise<OwnValue> {
    const { level, ownerId, key, orgId } = place;
    const now = this.hub.now();
    const replacements = {
      orgId: rowOrg(place),
      level,
      ownerId,
      key,
      tenantId: level === 'platform' ? null : orgId,
      branchId: level === 'branch' ? ownerId : null,
      userId: level === 'user' ? ownerId : null,
      isSet: text !== null,
      value: isSecret ? null : text,
      sealed: isSecret && text !== null ? this.hub.secrets.seal('settings', text) : null,
      last4,
      isLocked,
      by,
      now,
      version: version + 1,
    };
    await this.hub.sequelize
      .query(
        `INSERT INTO config_values (org_id, level, owner_id, name, tenant_id, branch_id, user_id, is_set, value, sealed, last4,
           is_locked, updated_by, updated_at, version)
         VALUES (:orgId, :level, :ownerId, :key, :tenantId, :branchId, :userId, :isSet, :value, :sealed, :last4, :isLocked, :by,
           :now, :version)
         ON DUPLICATE KEY UPDATE is_set = :isSet, value = :value, sealed = :sealed, last4 = :last4, is_locked = :isLocked,
           updated_by = :by, updated_at = :now, version = :version`,
        { replacements },
      )
      .catch((cause: unknown) => {
        if (cause instanceof ForeignKeyConstraintError) throw new NotFound(`This ${level}`);
        throw cause;
      });
    return {
      key,
      level,
      ownerId,
      value: isSecret || text === null ? null : (JSON.parse(text) as unknown),
      last4,
      isLocked,
      updatedBy: by,
      updatedAt: now.toISOString(),
      version: version + 1,
    };
  }

  async noteChange(place: Place, before: StoredValue, after: NewValue, occasion: Occasion): Promise<SettingChange> {
    const { isSecret } = after;
    const shown = (text: string | null) => (isSecret ? null : text);
    const row: ChangeRow = {
      id: ulid(this.hub.now().getTime()),
      key: place.key,
      level: place.level,
      ownerId: place.ownerId,
      before: shown(before.text),
      after: shown(after.text),
      beforeHash: isSecret ? this.hashOf(before.text) : null,
      afterHash: isSecret ? this.hashOf(after.text) : null,
      wasLocked: Number(before.isLocked),
      isLocked: Number(after.isLocked),
      isSecret: Number(isSecret),
      at: this.hub.now(),
      ...occasion,
    };
    await this.hub.sequelize.query(
      `INSERT INTO config_changes (org_id, id, level, owner_id, name, old_value, new_value, old_hash, new_hash, was_locked,
         is_locked, is_secret, actor_id, reason, change_set_id, at)
       VALUES (:orgId, :id, :level, :ownerId, :key, :before, :after, :beforeHash, :afterHash, :wasLocked, :isLocked, :isSecret,
         :actorId, :reason, :changeSetId, :at)`,
      { replacements: { ...row, orgId: rowOrg({ level: place.level, orgId: place.orgId }) } },
    );
    return changeOf(row);
  }

  async changes(where: string, values: Readonly<Record<string, unknown>>, limit: number): Promise<ChangeRow[]> {
    return this.hub.select<ChangeRow>(
      `SELECT ${CHANGE} FROM config_changes WHERE ${where} ORDER BY id DESC LIMIT ${limit}`,
      values,
    );
  }

  async setInOrganisation(orgId: string): Promise<(Place & { text: string; isLocked: boolean })[]> {
    const rows = await this.hub.select<Place & { text: string; isLocked: number }>(
      `SELECT org_id AS orgId, level, owner_id AS ownerId, name AS \`key\`, value AS text, is_locked AS isLocked
       FROM config_values WHERE org_id = :orgId AND level IN ('organisation', 'branch') AND value IS NOT NULL
       ORDER BY level, owner_id, name`,
      { orgId },
    );
    return rows.map((row) => ({ ...row, isLocked: row.isLocked === 1 }));
  }

  // Keyed, so that a short secret cannot be found by trying.
  private hashOf(text: string | null): string | null {
    return text === null ? null : createHash('sha256').update(this.hub.secrets.hmac('settings', text)).digest('hex');
  }
}

export const changeOf = ({
  before,
  after,
  wasLocked,
  isLocked,
  isSecret: _isSecret,
  at,
  ...row
}: ChangeRow): SettingChange => ({
  ...row,
  before: before === null ? undefined : (JSON.parse(before) as unknown),
  after: after === null ? undefined : (JSON.parse(after) as unknown),
  wasLocked: wasLocked === 1,
  isLocked: isLocked === 1,
  at: at.toISOString(),
});
