import type { FeatureFlag } from '@loro/contracts/flags';
import { type Hub, Remembered } from '../../platform';
import { type ConfigVersions, HUB_ORG } from './versions.store';

interface Override {
  readonly isOn: boolean;
  readonly expiresAt: Date | null;
}

interface OverrideRow {
  readonly key: string;
  readonly userId: string | null;
  readonly isOn: number;
  readonly expiresAt: Date | null;
}

/** Columns of a flag, JSON as text. */
export interface FlagRow {
  id: string;
  key: string;
  type: FeatureFlag['type'];
  description: string;
  isEnabled: number;
  isPublic: number;
  isTenantControllable: number;
  isPermanent: number;
  prerequisites: string;
  requiredFeature: FeatureFlag['requiredFeature'];
  expiresOn: Date | null;
  variants: string;
  rules: string;
  ownerId: string;
  createdAt: Date;
  archivedAt: Date | null;
  version: number;
}

export const FLAG_COLUMNS = `f.id, f.flag_key AS \`key\`, f.type, f.description, f.is_enabled AS isEnabled, f.is_public AS isPublic,
  f.is_tenant_controllable AS isTenantControllable, f.is_permanent AS isPermanent, f.prerequisites,
  f.required_feature AS requiredFeature, f.expires_on AS expiresOn, f.variants, f.rules, f.owner_id AS ownerId,
  f.created_at AS createdAt, f.archived_at AS archivedAt, f.version`;

export const flagOf = (row: FlagRow): FeatureFlag => ({
  ...row,
  isEnabled: row.isEnabled === 1,
  isPublic: row.isPublic === 1,
  isTenantControllable: row.isTenantControllable === 1,
  isPermanent: row.isPermanent === 1,
  // Written by this room from the very types they are read back as.
  prerequisites: JSON.parse(row.prerequisites) as FeatureFlag['prerequisites'],
  variants: JSON.parse(row.variants) as FeatureFlag['variants'],
  rules: JSON.parse(row.rules) as FeatureFlag['rules'],
  expiresOn: row.expiresOn?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  archivedAt: row.archivedAt?.toISOString() ?? null,
});

const LIFE_MS = 600_000;
const ORGANISATIONS_KEPT = 5_000;

/** Flags and what organisations switched, as this process remembers them until it hears of a change. */
export class FlagsStore {
  private flags: Promise<ReadonlyMap<string, FeatureFlag>> | undefined;
  private readonly overrides: Remembered<Promise<ReadonlyMap<string, Override>>>;

  constructor(
    private readonly hub: Hub,
    versions: ConfigVersions,
  ) {
    this.overrides = new Remembered(LIFE_MS, ORGANISATIONS_KEPT, hub.now);
    versions.onChange((orgId) => {
      if (orgId === HUB_ORG) this.flags = undefined;
      this.overrides.delete(orgId);
    });
  }

  all(): Promise<ReadonlyMap<string, FeatureFlag>> {
    this.flags ??= this.load().catch((error: unknown) => {
      this.flags = undefined;
      throw error;
    });
    return this.flags;
  }

  /** What was switched in an organisation, by flag and person; a switch that ran out is left out by who asks. */
  async overridesOf(orgId: string): Promise<ReadonlyMap<string, Override>> {
    const known = this.overrides.get(orgId);
    if (known) return known;
    const loading = this.loadOverrides(orgId);
    this.overrides.set(orgId, loading);
    return loading.catch((error: unknown) => {
      this.overrides.delete(orgId);
      throw error;
    });
  }

  private async load(): Promise<ReadonlyMap<string, FeatureFlag>> {
    const rows = await this.hub.reads.all<FlagRow>(`SELECT ${FLAG_COLUMNS} FROM flags f`, []);
    return new Map(rows.map((row) => [row.key, flagOf(row)]));
  }

  private async loadOverrides(orgId: string): Promise<ReadonlyMap<string, Override>> {
    const rows = await this.hub.reads.all<OverrideRow>(
      `SELECT f.flag_key AS \`key\`, o.user_id AS userId, o.is_on AS isOn, o.expires_at AS expiresAt
       FROM flag_overrides o JOIN flags f ON f.id = o.flag_id WHERE o.org_id = ?`,
      [orgId],
    );
    return new Map(
      rows.map(({ key, userId, isOn, expiresAt }) => [overrideKey(key, userId), { isOn: isOn === 1, expiresAt }]),
    );
  }
}

export const overrideKey = (flag: string, userId: string | null | undefined): string => `${flag} ${userId ?? ''}`;
