import { settingRegistry } from '@loro/contracts/catalog';
import type { SettingLevel } from '@loro/contracts/kit/settings';
import { type Hub, Remembered } from '../../platform';
import type { Candidate } from './settings.policy';

/** What is set, by level and owner, then by name. */
type Block = ReadonlyMap<string, ReadonlyMap<string, Candidate>>;

interface Entry {
  readonly shared: Promise<Block>;
  readonly users: Map<string, Promise<Block>>;
}

interface Row {
  readonly level: SettingLevel;
  readonly ownerId: string;
  readonly name: string;
  readonly isSet: number;
  readonly value: string | null;
  readonly sealed: Buffer | null;
  readonly last4: string | null;
  readonly isLocked: number;
  readonly version: number;
}

// Changes are told within a second; this is for a transaction that stayed open longer than they are looked back for.
const LIFE_MS = 600_000;
const ORGANISATIONS_KEPT = 5_000;
const USERS_KEPT = 5_000;

/** What is set, as this process remembers it until it hears of a change. */
export class SettingsCache {
  private readonly entries: Remembered<Entry>;

  constructor(private readonly hub: Hub) {
    this.entries = new Remembered(LIFE_MS, ORGANISATIONS_KEPT, hub.now);
  }

  async find(orgId: string, level: SettingLevel, ownerId: string, key: string): Promise<Candidate | undefined> {
    const block = await (level === 'user' ? this.ofUser(orgId, ownerId) : this.shared(orgId));
    return block.get(`${level} ${ownerId}`)?.get(key);
  }

  forget(orgId: string): void {
    this.entries.delete(orgId);
  }

  private shared(orgId: string): Promise<Block> {
    return this.entry(orgId).shared;
  }

  private ofUser(orgId: string, userId: string): Promise<Block> {
    const { users } = this.entry(orgId);
    const known = users.get(userId);
    if (known) return known;
    if (users.size >= USERS_KEPT) users.clear();
    const loading = this.load(orgId, "level = 'user' AND owner_id = ?", [userId]);
    users.set(userId, loading);
    return loading;
  }

  private entry(orgId: string): Entry {
    const known = this.entries.get(orgId);
    if (known) return known;
    const entry = { shared: this.load(orgId, "level <> 'user'", []), users: new Map() };
    this.entries.set(orgId, entry);
    return entry;
  }

  private async load(orgId: string, where: string, values: string[]): Promise<Block> {
    try {
      const rows = await this.hub.reads.all<Row>(
        `SELECT level, owner_id AS ownerId, name, is_set AS isSet, value, sealed, last4, is_locked AS isLocked, version
         FROM config_values WHERE org_id = ? AND ${where}`,
        [orgId, ...values],
      );
      const block = new Map<string, Map<string, Candidate>>();
      for (const row of rows) {
        const owner = `${row.level} ${row.ownerId}`;
        const of = block.get(owner) ?? new Map<string, Candidate>();
        block.set(owner, of.set(row.name, this.candidateOf(row)));
      }
      return block;
    } catch (error) {
      this.entries.delete(orgId);
      throw error;
    }
  }

  private candidateOf({ level, ownerId, name, isSet, value, sealed, last4, isLocked, version }: Row): Candidate {
    const text = sealed ? this.hub.secrets.open('settings', sealed) : value;
    const parsed = text === null ? undefined : settingRegistry[name]?.schema.safeParse(JSON.parse(text));
    return {
      level,
      ownerId,
      isSet: isSet === 1,
      isValid: parsed?.success ?? false,
      value: parsed?.data,
      last4,
      isLocked: isLocked === 1,
      version,
    };
  }
}
