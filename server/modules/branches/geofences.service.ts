import type {
  Geofence,
  geofenceChanges,
  GeofenceChange,
  GeofenceShape,
  GeofenceTest,
  GeofenceVerdict,
  NewGeofence,
} from '@loro/contracts/branches-geofences';
import { branchesLive } from '@loro/contracts/branches-live';
import { Op, type WhereOptions } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  type Page,
  pageOf,
  reachOf,
  ulid,
} from '../../platform';
import { people } from '../people';
import type { BranchesStore } from './branches.store';
import { validFence } from './details';
import { fenceOf, GeofenceModel, shapeColumns } from './geofence.model';
import type { WatchedFence } from './geofence-index';
import type { FenceMemory } from './geofence-memory.store';
import { verdictsOn } from './geofence-verdicts.policy';

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly branchId?: string | undefined;
  readonly clientId?: string | undefined;
}

const MOST = 1_000;
const MOST_VERDICTS = 50;
/** A fence farther away than this, and than three times the accuracy, says nothing about a reading. */
const NEAR_M = 1_000;

/** Fences of their own: drawn, changed, taken away, asked. */
export class GeofencesService {
  constructor(
    private readonly hub: Hub,
    private readonly branches: BranchesStore,
    private readonly memory: FenceMemory,
  ) {}

  async list(actor: Actor, { limit, cursor, branchId, clientId }: ListQuery): Promise<Page<Geofence>> {
    const after = this.hub.cursors.decode('geofences', cursor);
    const where: WhereOptions[] = [
      visible(actor),
      ...(branchId === undefined ? [] : [{ branchId }]),
      ...(clientId === undefined ? [] : [{ clientId }]),
      ...(after ? [{ [Op.or]: [{ name: { [Op.gt]: after[0] } }, { name: after[0], id: { [Op.gt]: after[1] } }] }] : []),
    ];
    const rows = await GeofenceModel.findAll({ where: { [Op.and]: where }, order: ['name', 'id'], limit: limit + 1 });
    return pageOf(
      rows,
      limit,
      ({ name, id }) => this.hub.cursors.encode('geofences', [name, id]),
      (row) => row.toContract(),
    );
  }

  async get(actor: Actor, id: string): Promise<Geofence> {
    const row = await GeofenceModel.findOne({ where: { [Op.and]: [visible(actor), { id }] } });
    if (!row) throw new NotFound('This fence');
    return row.toContract();
  }

  async create(actor: Actor, { shape, activeHours, ...rest }: z.output<typeof NewGeofence>): Promise<Geofence> {
    const { orgId } = actor;
    mayManage(actor, rest.branchId);
    const columns = shapeColumns(validShape(shape));
    return this.hub.transact(async (after) => {
      await this.mustHaveRoom(orgId, rest.branchId);
      const timezone = rest.timezone ?? (await this.zoneOf(orgId, rest.branchId));
      const row = await GeofenceModel.create({
        ...rest,
        ...columns,
        orgId,
        id: ulid(),
        timezone,
        activeHours: activeHours && JSON.stringify(activeHours),
        version: 1,
      });
      const geofence = row.toContract();
      this.tell(after, 'created', orgId, { geofence });
      return geofence;
    });
  }

  async update(
    actor: Actor,
    id: string,
    version: number,
    { shape, activeHours, ...rest }: z.output<typeof GeofenceChange>,
  ): Promise<Geofence> {
    const { orgId } = actor;
    if (rest.branchId !== undefined) mayManage(actor, rest.branchId);
    const columns = {
      ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
      ...(shape && shapeColumns(validShape(shape))),
      ...(activeHours !== undefined && { activeHours: activeHours && JSON.stringify(activeHours) }),
    };
    return this.changing(actor, id, version, async (row, after) => {
      const before = row.toContract();
      if (rest.branchId !== undefined && rest.branchId !== before.branchId)
        await this.mustHaveRoom(orgId, rest.branchId);
      await row.update({ ...columns, version: version + 1 });
      const geofence = row.toContract();
      this.tell(after, 'updated', orgId, { geofence, before });
      return geofence;
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    await this.changing(actor, id, version, async (row, after) => {
      const before = row.toContract();
      await row.update({ removedAt: this.hub.now(), version: version + 1 });
      this.tell(after, 'removed', actor.orgId, { geofence: before, before });
    });
  }

  async test(
    actor: Actor,
    { lat, lng, accuracy }: z.output<typeof GeofenceTest>,
  ): Promise<{ fences: GeofenceVerdict[] }> {
    const index = await this.memory.of(actor.orgId);
    const near = index.around({ lat, lng }, Math.max(NEAR_M, 3 * accuracy));
    const { scope, branchIds } = reachOf(actor, 'geofences.read');
    const seen = near.filter(({ branchId }) => scope === 'org' || branchId === null || branchIds.has(branchId));
    return { fences: this.verdicts(seen, { lat, lng }, accuracy).slice(0, MOST_VERDICTS) };
  }

  /** How surely a reading lies inside these fences now, the surest first. */
  verdicts(fences: readonly WatchedFence[], at: { lat: number; lng: number }, accuracyM: number): GeofenceVerdict[] {
    return verdictsOn(fences, { at, accuracyM, atMs: this.hub.now().getTime() });
  }

  private changing<T>(
    actor: Actor,
    id: string,
    version: number,
    work: (row: GeofenceModel, after: After) => Promise<T>,
  ): Promise<T> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await GeofenceModel.findOne({ where: { orgId, id, removedAt: null }, lock: true });
      if (!row) throw new NotFound('This fence');
      mayManage(actor, row.branchId);
      if (row.version !== version)
        throw new HubError('VERSION_CONFLICT', 'Somebody changed this fence meanwhile.', {
          current: row.toContract(),
        });
      return work(row, after);
    });
  }

  /** Under the lock of whose fences they are, so that two at once cannot both be the last one. */
  private async mustHaveRoom(orgId: string, branchId: string | null): Promise<void> {
    if (branchId === null) await this.branches.lockOrganisation(orgId);
    else await this.branches.lock(orgId, branchId);
    const count = await GeofenceModel.count({ where: { orgId, branchId, removedAt: null } });
    if (count >= MOST)
      throw new Conflict(
        'GEOFENCES_FULL',
        `${branchId === null ? 'The organisation' : 'This branch'} has ${count} fences.`,
      );
  }

  private async zoneOf(orgId: string, branchId: string | null): Promise<string> {
    if (branchId !== null) return (await this.branches.find(orgId, branchId)).zoneAt(this.hub.now());
    return (await this.hub.use(people).organisationOf(orgId)).timezone;
  }

  private tell(
    after: After,
    change: (typeof geofenceChanges)[number],
    orgId: string,
    { geofence, before }: { geofence: Geofence; before?: Geofence },
  ): void {
    const told = { change, geofence };
    for (const id of new Set([geofence.branchId, before?.branchId ?? null]))
      if (id !== null) after.publish(branchesLive, 'geofence:changed', { orgId, id }, told);
    after.publish(branchesLive, 'geofences:changed', { orgId, id: orgId }, told);
    after.record({
      action: `geofence.${change}`,
      orgId,
      entity: { type: 'geofence', id: geofence.id },
      branchId: geofence.branchId,
      ...(before && { before }),
      ...(change !== 'removed' && { after: geofence }),
    });
  }
}

/** What belongs to the whole organisation, everybody sees. */
function visible(actor: Actor): WhereOptions {
  const { scope, branchIds } = reachOf(actor, 'geofences.read');
  const { orgId } = actor;
  return {
    orgId,
    removedAt: null,
    ...(scope !== 'org' && { [Op.or]: [{ branchId: null }, { branchId: [...branchIds] }] }),
  };
}

const mayManage = (actor: Actor, branchId: string | null): void =>
  allow(actor, 'geofences.manage', { branchId, what: branchId === null ? 'This fence' : 'This branch' });

/** @throws HubError VALIDATION_FAILED */
function validShape(shape: GeofenceShape): GeofenceShape {
  if (shape.kind === 'circle') return shape;
  const outline = validFence(fenceOf(shape), 'shape.corners');
  return outline && 'corners' in outline ? { kind: 'polygon', corners: outline.corners } : shape;
}
