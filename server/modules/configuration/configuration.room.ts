import { catalog, type SettingKey, type SettingValue } from '@loro/contracts/catalog';
import type { Explanation } from '@loro/contracts/flags';
import { type Actor, type Hub, isAddressIn } from '../../platform';
import { AnnouncementsService } from './announcements.service';
import { ChangeSetStore } from './change-set.store';
import { ChangeSetsService } from './change-sets.service';
import { DeliveriesService } from './deliveries.service';
import { EffectiveService } from './effective.service';
import { FlagBookService } from './flag-book.service';
import { FlagOverridesService } from './flag-overrides.service';
import { FlagUsage } from './flag-usage.store';
import { type FlagScope, FlagsService } from './flags.service';
import { FlagsStore } from './flags.store';
import { type ConfigurationHooks, Neighbours } from './hooks';
import { IntegrationStore } from './integration.store';
import { IntegrationsService } from './integrations.service';
import { OriginsStore } from './origins.store';
import { SecretsStore } from './secrets.store';
import { wrongSettings } from './settings.policy';
import { SettingsService } from './settings.service';
import { SettingsStore } from './settings.store';
import { StorageMigrationsService } from './storage-migrations.service';
import { StorageTargetStore } from './storage-target.store';
import { StorageTargetsService } from './storage-targets.service';
import { type Explained, type SettingScope, ValuesService } from './values.service';
import { ConfigVersions } from './versions.store';
import { WebhookStore } from './webhook.store';
import { WebhooksService } from './webhooks.service';

/** Settings, flags, integrations, storage and webhooks of the hub and its organisations. */
export class ConfigurationRoom {
  readonly settings: SettingsService;
  readonly changeSets: ChangeSetsService;
  readonly effective: EffectiveService;
  readonly announcements: AnnouncementsService;
  readonly flagBook: FlagBookService;
  readonly overrides: FlagOverridesService;
  readonly usage: FlagUsage;
  readonly integrations: IntegrationsService;
  readonly storage: StorageTargetsService;
  readonly migrations: StorageMigrationsService;
  readonly webhooks: WebhooksService;
  readonly deliveries: DeliveriesService;
  private readonly neighbours = new Neighbours();
  private readonly versions: ConfigVersions;
  private readonly values: ValuesService;
  private readonly origins: OriginsStore;
  private readonly flags: FlagsService;

  constructor(private readonly hub: Hub) {
    const { neighbours } = this;
    const versions = new ConfigVersions(hub);
    const values = new ValuesService(hub, versions);
    const store = new SettingsStore(hub);
    this.versions = versions;
    this.values = values;
    this.settings = new SettingsService(hub, { store, values, versions, neighbours });
    this.changeSets = new ChangeSetsService(hub, new ChangeSetStore(hub), this.settings, store);
    this.effective = new EffectiveService(hub, { store, values, neighbours });
    this.announcements = new AnnouncementsService(hub);

    this.origins = new OriginsStore(hub, values, versions);

    const flags = new FlagsStore(hub, versions);
    this.usage = new FlagUsage(hub);
    this.flags = new FlagsService(hub, flags, this.usage, neighbours);
    this.flagBook = new FlagBookService(hub, flags, versions);
    this.overrides = new FlagOverridesService(hub, flags, this.flags, versions);

    const secrets = new SecretsStore(hub);
    const targets = new StorageTargetStore(hub);
    const hooks = new WebhookStore(hub, versions);
    this.integrations = new IntegrationsService(hub, new IntegrationStore(hub), secrets, neighbours);
    this.storage = new StorageTargetsService(hub, targets, secrets);
    this.migrations = new StorageMigrationsService(hub, targets, this.storage);
    this.deliveries = new DeliveriesService(hub, hooks, secrets, versions);
    this.webhooks = new WebhooksService(hub, { store: hooks, secrets, versions, deliveries: this.deliveries });
  }

  /** Rooms of higher floors tell what they know and do. */
  hook(hooks: ConfigurationHooks): void {
    this.neighbours.add(hooks);
  }

  /** What a setting holds for somebody: remembered, and at most two seconds old. */
  value<K extends SettingKey>(key: K, scope: SettingScope): Promise<SettingValue<K>> {
    return this.values.value(key, scope);
  }

  /** Where a setting comes from for somebody, every level in turn. */
  explainSetting(key: string, scope: SettingScope): Promise<Explained> {
    return this.values.explain(key, scope);
  }

  /** Whether a flag is on for somebody; a flag that nobody made is off. */
  isOn(flag: string, scope: FlagScope): Promise<boolean> {
    return this.flags.isOn(flag, scope);
  }

  /** Why a flag is on or off. */
  explain(flag: string, scope: FlagScope): Promise<Explanation> {
    return this.flags.explain(flag, scope);
  }

  /** Whose the stream of settings is: an organisation's is everybody's, a person's their own. */
  async subjectOf(
    { orgId, userId, homeBranchId }: Actor,
    id: string,
  ): Promise<{ userId?: string; branchId?: string } | null> {
    if (id === orgId) return {};
    if (id === userId || id === homeBranchId) return { userId };
    return (await this.hub.ports.hasBranch(orgId, id)) ? { branchId: id } : { userId: id };
  }

  /** Whether an organisation lets its people in from an address; without a list, from anywhere. */
  private mayEnter(orgId: string, address: string): boolean | Promise<boolean> {
    const isIn = (ranges: readonly string[]) => ranges.length === 0 || isAddressIn(ranges, address);
    const known = this.values.known('security.ip-allow', orgId);
    return known ? isIn(known) : this.value('security.ip-allow', { orgId }).then(isIn);
  }

  /** @throws Error that lists every setting which no room should have declared so */
  start(): void {
    const wrong = wrongSettings(catalog);
    if (wrong.length > 0) throw new Error(`The settings do not hold:\n  ${wrong.join('\n  ')}`);
    this.hub.ports.allowsOrigin = (origin, orgId) => this.origins.allows(origin, orgId);
    this.hub.ports.mayEnter = (orgId, address) => this.mayEnter(orgId, address);
    this.hub.onEvents((events, after) => this.deliveries.overhear(events, after));
    this.versions.start();
    this.usage.start();
  }

  async stop(): Promise<void> {
    this.versions.stop();
    await this.usage.stop();
  }
}
