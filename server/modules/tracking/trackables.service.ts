import {
  type EnrolledDevice,
  type NewTrackable,
  type TrackableChange,
  type TrackableDetails,
} from '@loro/contracts/tracking-trackables';
import { trackingLive } from '@loro/contracts/tracking';
import type { z } from 'zod';
import {
  type Actor,
  allow,
  Conflict,
  Forbidden,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  ulid,
} from '../../platform';
import { branches } from '../branches';
import { configuration } from '../configuration';
import { people } from '../people';
import { DeviceModel } from './device.model';
import type { Enrolment } from './enrolment.service';
import { TrackableModel } from './trackable.model';
import type { Windows } from './windows';

/** What is tracked beside people: vehicles, assets, devices; who drives them, and which device speaks for them. */
export class TrackablesService {
  constructor(
    private readonly hub: Hub,
    private readonly by: { readonly enrolment: Enrolment; readonly windows: Windows },
  ) {}

  async get(actor: Actor, trackableId: string): Promise<TrackableDetails> {
    const row = await this.find(actor, trackableId, 'tracking.read');
    return row.toDetails(this.hub.now());
  }

  async add(actor: Actor, { refId, resolution, ...thing }: z.output<typeof NewTrackable>): Promise<TrackableDetails> {
    await this.mustReach(actor, thing.branchId);
    const { orgId } = actor;
    const id = ulid(this.hub.now().getTime());
    return this.hub.transact(async (after) => {
      const row = await this.by.enrolment
        .make(orgId, {
          ...thing,
          id,
          refId: refId ?? id,
          userId: null,
          resolution: resolution && JSON.stringify(resolution),
        })
        .catch(onDuplicate((cause) => new Conflict('TRACKABLE_EXISTS', 'It is tracked already.', { cause })));
      await row.reload();
      const details = row.toDetails(this.hub.now());
      after.record({ action: 'trackable.added', entity: entity(id), branchId: row.branchId, after: details });
      this.hub.afterCommit(() => this.key(row));
      return details;
    });
  }

  async change(
    actor: Actor,
    trackableId: string,
    version: number,
    { resolution, ...change }: z.output<typeof TrackableChange>,
  ): Promise<TrackableDetails> {
    if (change.branchId !== undefined) await this.mustReach(actor, change.branchId);
    return this.hub.transact(async (after) => {
      const row = await this.find(actor, trackableId, 'tracking.manage', true);
      const before = row.toDetails(this.hub.now());
      if (row.version !== version)
        throw new HubError('VERSION_CONFLICT', 'Somebody changed this trackable meanwhile.', { current: before });
      const { name = row.name, branchId = row.branchId, mode = row.mode, speedLimitKmh = row.speedLimitKmh } = change;
      await row.update({
        name,
        branchId,
        mode,
        speedLimitKmh,
        ...(resolution !== undefined && { resolution: resolution && JSON.stringify(resolution) }),
        version: version + 1,
      });
      const details = row.toDetails(this.hub.now());
      after.record({
        action: 'trackable.changed',
        entity: entity(row.id),
        branchId: row.branchId,
        before,
        after: details,
      });
      this.hub.afterCommit(() => this.key(row));
      await this.forget(row);
      return details;
    });
  }

  /** What was recorded stays, as long as anything does. */
  async drop(actor: Actor, trackableId: string): Promise<void> {
    await this.hub.transact(async (after) => {
      const row = await this.thing(actor, trackableId);
      await this.forget(row);
      await DeviceModel.destroy({ where: { orgId: row.orgId, trackableId: row.id } });
      await row.update({ endedAt: this.hub.now(), version: row.version + 1 });
      after.record({
        action: 'trackable.dropped',
        entity: entity(row.id),
        branchId: row.branchId,
        before: row.toContract(),
      });
    });
  }

  async devices(actor: Actor, trackableId: string): Promise<{ devices: EnrolledDevice[] }> {
    const { orgId, id } = await this.find(actor, trackableId, 'tracking.manage');
    const rows = await DeviceModel.findAll({ where: { orgId, trackableId: id }, order: ['createdAt', 'id'] });
    return { devices: rows.map(enrolled) };
  }

  /** @throws Conflict DEVICE_TAKEN where it reports for something else, NotFound for another organisation’s */
  async enrol(actor: Actor, trackableId: string, deviceId: string, userId: string): Promise<EnrolledDevice> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.thing(actor, trackableId);
      await this.hub.use(people).byId(orgId, userId);
      const known = await DeviceModel.findOne({ where: { id: deviceId }, lock: true });
      if (known && known.orgId !== orgId) throw new NotFound('This device');
      if (known && known.trackableId !== row.id) throw new Conflict('DEVICE_TAKEN', 'This device reports already.');
      const device = known
        ? await known.update({ userId })
        : await DeviceModel.create({
            orgId,
            id: deviceId,
            userId,
            trackableId: row.id,
            createdAt: this.hub.now(),
          }).catch(onDuplicate((cause) => new Conflict('DEVICE_TAKEN', 'This device reports already.', { cause })));
      this.hub.afterCommit(() => this.by.enrolment.forget(deviceId));
      after.record({ action: 'trackable.device-enrolled', entity: entity(row.id), data: { deviceId, userId } });
      return enrolled(device);
    });
  }

  async dropDevice(actor: Actor, trackableId: string, deviceId: string): Promise<void> {
    await this.hub.transact(async (after) => {
      const row = await this.thing(actor, trackableId);
      const gone = await DeviceModel.destroy({ where: { orgId: row.orgId, trackableId: row.id, id: deviceId } });
      if (gone === 0) throw new NotFound('This device');
      this.hub.afterCommit(() => this.by.enrolment.forget(deviceId));
      after.record({ action: 'trackable.device-dropped', entity: entity(row.id), data: { deviceId } });
    });
  }

  async setDriver(actor: Actor, trackableId: string, userId: string | null): Promise<TrackableDetails> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.thing(actor, trackableId);
      if (userId !== null) await this.hub.use(people).byId(orgId, userId);
      const before = { driverId: row.driverId };
      await this.hub.sequelize.query(
        `INSERT INTO trackable_drivers (org_id, trackable_id, from_at, user_id) VALUES (:orgId, :id, :now, :userId)
         ON DUPLICATE KEY UPDATE user_id = VALUES(user_id)`,
        { replacements: { orgId, id: row.id, now: this.hub.now(), userId } },
      );
      await row.update({ driverId: userId, version: row.version + 1 });
      const details = row.toDetails(this.hub.now());
      after.record({ action: 'trackable.driver-set', entity: entity(row.id), before, after: { driverId: userId } });
      return details;
    });
  }

  /** @throws Forbidden PAUSE_NOT_ALLOWED */
  async pause(actor: Actor, trackableId: string, minutes: number): Promise<TrackableDetails> {
    const now = this.hub.now();
    return this.setPause(actor, trackableId, new Date(now.getTime() + minutes * 60_000));
  }

  resume(actor: Actor, trackableId: string): Promise<TrackableDetails> {
    return this.setPause(actor, trackableId, null);
  }

  private async setPause(actor: Actor, trackableId: string, until: Date | null): Promise<TrackableDetails> {
    const { orgId, userId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.find(actor, trackableId, 'tracking.pause', true);
      if (row.userId !== userId) throw new Forbidden('PAUSE_NOT_ALLOWED', 'Only its person can pause it.');
      if (!(await this.hub.use(configuration).value('tracking.may-pause', { orgId })))
        throw new Forbidden('PAUSE_NOT_ALLOWED', 'Your organisation does not let its people pause.');
      const now = this.hub.now();
      await this.hub.sequelize.query(
        'UPDATE trackable_pauses SET to_at = :now WHERE org_id = :orgId AND trackable_id = :id AND from_at <= :now AND to_at > :now',
        { replacements: { orgId, id: row.id, now } },
      );
      if (until)
        await this.hub.sequelize.query(
          `INSERT INTO trackable_pauses (org_id, trackable_id, from_at, to_at) VALUES (:orgId, :id, :now, :until)
           ON DUPLICATE KEY UPDATE to_at = VALUES(to_at)`,
          { replacements: { orgId, id: row.id, now, until } },
        );
      await row.update({ pausedUntil: until, version: row.version + 1 });
      after.record({
        type: 'user_action',
        action: until ? 'trackable.paused' : 'trackable.resumed',
        entity: entity(row.id),
        data: { until: until?.toISOString() },
      });
      this.hub.afterCommit(() => this.by.windows.forget(orgId, userId));
      return row.toDetails(now);
    });
  }

  private async find(
    actor: Actor,
    id: string,
    permission: 'tracking.read' | 'tracking.manage' | 'tracking.pause',
    lock = false,
  ): Promise<TrackableModel> {
    const row = await TrackableModel.findOne({ where: { orgId: actor.orgId, id }, lock });
    if (!row) throw new NotFound('This trackable');
    allow(actor, permission, { userId: row.userId, branchId: row.branchId, what: 'This trackable' });
    return row;
  }

  /** One that is no person, held for a change. */
  private async thing(actor: Actor, id: string): Promise<TrackableModel> {
    const row = await this.find(actor, id, 'tracking.manage', true);
    if (row.kind === 'user') throw new Conflict('TRACKABLE_OF_PERSON', 'This trackable is a person.');
    return row;
  }

  private async mustReach(actor: Actor, branchId: string): Promise<void> {
    const exists = await this.hub.use(branches).exists(actor.orgId, branchId);
    if (!exists) throw new NotFound('This branch');
    allow(actor, 'tracking.manage', { branchId, what: 'This branch' });
  }

  /** Whoever watches a fleet learns whom its key means. */
  private key(row: TrackableModel): void {
    const to = { orgId: row.orgId, id: row.branchId };
    this.hub.emitLatest(trackingLive, 'trackable:keyed', to, { trackables: [row.toContract()] });
    this.hub.emitLatest(trackingLive, 'cells:keyed', to, { trackables: [row.toContract()] });
  }

  private async forget({ orgId, id }: TrackableModel): Promise<void> {
    const devices = await DeviceModel.findAll({ where: { orgId, trackableId: id } });
    this.hub.afterCommit(() => devices.forEach((device) => this.by.enrolment.forget(device.id)));
  }
}

const entity = (id: string) => ({ type: 'trackable', id });
const enrolled = ({ id: deviceId, trackableId, userId, createdAt }: DeviceModel): EnrolledDevice => ({
  deviceId,
  trackableId,
  userId,
  enrolledAt: createdAt.toISOString(),
});
