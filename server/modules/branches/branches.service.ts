import type { Branch } from '@loro/contracts/branches';
import type { Openness } from '@loro/contracts/branches-hours';
import type { GeofenceVerdict } from '@loro/contracts/branches-geofences';
import type { FenceVerdict } from '@loro/contracts/branches-places';
import type { After, Hub } from '../../platform';
import { configuration } from '../configuration';
import { licensing } from '../licensing';
import { BranchModel } from './branch.model';
import { BranchSettingsService } from './branch-settings.service';
import { BranchesStore, idsOf } from './branches.store';
import { CapacityService } from './capacity.service';
import { DetailsService } from './details.service';
import { DirectoryService } from './directory.service';
import type { Bounds, FenceIndex, WatchedFence } from './geofence-index';
import { FenceMemory } from './geofence-memory.store';
import { GeofencesService } from './geofences.service';
import { HolidayImportsService } from './holiday-imports.service';
import type { Counted } from './holidays.policy';
import { type HolidayHook, HolidaysService } from './holidays.service';
import { HolidaysStore } from './holidays.store';
import { HoursService } from './hours.service';
import { HoursStore } from './hours.store';
import { MembersService } from './members.service';
import { MembersStore } from './members.store';
import { type Measured, MetricsService } from './metrics.service';
import { type BranchFigures, type ClosingBlocker, Neighbours } from './neighbours';
import { PlacesService } from './places.service';
import { ResourcesService } from './resources.service';
import { StaffingHooks } from './staffing.hooks';
import { StatusService } from './status.service';
import { TreeService } from './tree.service';
import type { Calendar } from './zones.policy';
import { ZonesService } from './zones.service';

const DUE_AT_ONCE = 500;

/** The room's door: what it does for callers, by subject, and what it tells other rooms. */
export class BranchesService {
  readonly directory: DirectoryService;
  readonly tree: TreeService;
  readonly status: StatusService;
  readonly details: DetailsService;
  readonly places: PlacesService;
  readonly geofences: GeofencesService;
  readonly members: MembersService;
  readonly hours: HoursService;
  readonly holidays: HolidaysService;
  readonly holidayImports: HolidayImportsService;
  readonly resources: ResourcesService;
  readonly capacity: CapacityService;
  readonly metrics: MetricsService;
  readonly settings: BranchSettingsService;
  private readonly store: BranchesStore;
  private readonly holidayStore: HolidaysStore;
  private readonly zones: ZonesService;
  private readonly fences: FenceMemory;
  private readonly neighbours = new Neighbours();
  private readonly staffing: StaffingHooks;

  constructor(private readonly hub: Hub) {
    const { neighbours } = this;
    const store = new BranchesStore(hub);
    const zones = new ZonesService(hub, store);
    const memberships = new MembersStore(hub, zones);
    this.store = store;
    this.zones = zones;
    this.tree = new TreeService(hub, store);
    this.hours = new HoursService(hub, store, new HoursStore(hub), zones);
    this.members = new MembersService(hub, store, memberships);
    const { tree, members, hours } = this;
    this.status = new StatusService(hub, { store, tree, members, hours, neighbours });
    this.details = new DetailsService(hub, { store, tree, hours, zones });
    this.directory = new DirectoryService(hub, { store, zones, neighbours });
    this.places = new PlacesService(hub, this.directory);
    this.fences = new FenceMemory(hub);
    this.geofences = new GeofencesService(hub, store, this.fences);
    this.holidayStore = new HolidaysStore(hub);
    this.holidays = new HolidaysService(hub, hours, this.holidayStore);
    this.holidayImports = new HolidayImportsService(hub, this.holidays, this.holidayStore);
    this.resources = new ResourcesService(hub, store);
    this.capacity = new CapacityService(hub, store, neighbours);
    this.metrics = new MetricsService(hub, store, this.capacity);
    this.settings = new BranchSettingsService(hub, store);
    this.staffing = new StaffingHooks(hub, memberships, members, (orgId, userId, after) =>
      this.free(orgId, userId, after),
    );
  }

  start(): void {
    this.hub.ports.hasBranch = (orgId, branchId) => this.exists(orgId, branchId);
    this.hub.use(configuration).hook({ chainOf: (orgId, branchId) => this.chainOf(orgId, branchId) });
    this.hub.use(licensing).count('branches', (orgId) => this.store.licensed(orgId));
    this.zones.start();
    this.staffing.start();
    this.fences.start();
  }

  /** Rooms of higher floors tell what they count at branches. */
  branchFigures(figures: BranchFigures): void {
    this.neighbours.addFigures(figures);
  }

  /** Rooms of higher floors tell what of theirs keeps a branch from closing. */
  closingBlockers(blocker: ClosingBlocker): void {
    this.neighbours.addBlocker(blocker);
  }

  /** Rooms of higher floors do what follows when dates become holidays or are none any more. */
  holidayHook(hook: HolidayHook): void {
    this.holidays.hook(hook);
  }

  /** Holidays that free the people of branches from work, by branch and date; both dates included. */
  holidaysOf(
    orgId: string,
    branchIds: readonly string[],
    from: string,
    to: string,
  ): Promise<Map<string, Map<string, Counted>>> {
    return this.holidayStore.counted(orgId, branchIds, from, to);
  }

  /** For other rooms, which have asked their own permission. @throws NotFound */
  async byId(orgId: string, branchId: string): Promise<Branch> {
    return (await this.store.find(orgId, branchId)).toContract(this.hub.now());
  }

  /** Whether the organisation has this branch. */
  async exists(orgId: string, branchId: string): Promise<boolean> {
    return (await BranchModel.count({ where: { orgId, id: branchId } })) === 1;
  }

  /** Ids of these branches and everything below them. */
  subtree(orgId: string, branchIds: readonly string[]): Promise<string[]> {
    return this.store.subtree(orgId, branchIds);
  }

  /** A branch, then those above it, nearest first; empty where it is not a branch of the organisation. */
  async chainOf(orgId: string, branchId: string): Promise<string[]> {
    const row = await BranchModel.findOne({ where: { orgId, id: branchId }, attributes: ['path'] });
    return row ? idsOf(row.path).toReversed() : [];
  }

  /**
   * Every fence in force of an organisation, its active branches' own ones too, found by place: remembered, forgotten
   * on every node when one of them changes. For whoever asks it again and again, as following a track does.
   */
  fenceIndex(orgId: string): Promise<FenceIndex> {
    return this.fences.of(orgId);
  }

  /** Fences that can reach into these bounds, or hold this point. */
  async fencesNear(orgId: string, where: Bounds | { lat: number; lng: number }): Promise<WatchedFence[]> {
    const index = await this.fences.of(orgId);
    return 'lat' in where ? index.at(where) : index.near(where);
  }

  /** A fence by its id, or by that of the branch whose own one it is; undefined where there is none, or not any more. */
  async fenceById(orgId: string, fenceId: string): Promise<WatchedFence | undefined> {
    return (await this.fences.of(orgId)).byId(fenceId);
  }

  /** How surely a reading lies inside some fences now, and why, the surest first. */
  verdicts(fences: readonly WatchedFence[], at: { lat: number; lng: number }, accuracyM: number): GeofenceVerdict[] {
    return this.geofences.verdicts(fences, at, accuracyM);
  }

  /** How surely a reading lies inside the fences of these branches, the surest first. */
  inside(
    orgId: string,
    branchIds: readonly string[],
    at: { lat: number; lng: number },
    accuracyM: number,
  ): Promise<FenceVerdict[]> {
    return this.places.inside(orgId, branchIds, at, accuracyM);
  }

  /** Where somebody belongs today, his first branch first. */
  placesOf(orgId: string, userId: string): Promise<string[]> {
    return this.members.placesOf(orgId, userId);
  }

  /** Whether a branch is open at an instant, by its public hours. @throws NotFound */
  isOpen(orgId: string, branchId: string, at: Date = this.hub.now()): Promise<Openness> {
    return this.hours.isOpen(orgId, branchId, at);
  }

  /** Minutes that the staff of a branch works, by weekday (1 is Monday); null where its hours do not say. */
  staffWeek(orgId: string, branchId: string): Promise<ReadonlyMap<number, number> | null> {
    return this.hours.staffWeek(orgId, branchId);
  }

  /** Local dates and zones of a branch, of the past too; remembered. @throws NotFound */
  calendarOf(orgId: string, branchId: string): Promise<Calendar> {
    return this.zones.calendarOf(orgId, branchId);
  }

  /** Values and targets of a metric, from a room that measures; in the caller's transaction. */
  measure(orgId: string, branchId: string, metric: string, days: readonly Measured[], after: After): Promise<void> {
    return this.metrics.put(orgId, branchId, metric, days, after);
  }

  /** What has come due: zones and memberships first, for hours depend on the zone. */
  async tick(): Promise<void> {
    const due = await this.hub.select<{ orgId: string; branchId: string }>(
      `SELECT org_id AS orgId, id AS branchId FROM branches WHERE next_timezone_at <= :now LIMIT ${DUE_AT_ONCE}`,
      { now: this.hub.now() },
    );
    for (const { orgId, branchId } of due) await this.details.settleZone(orgId, branchId);
    await this.members.settleDue();
    await this.hours.tick();
  }

  /** Whoever leaves holds nothing and manages no branch any more. */
  private async free(orgId: string, userId: string, after: After): Promise<void> {
    await this.resources.freeAll(orgId, userId, after);
    await this.details.withoutManager(orgId, userId, after);
  }
}
