import { type Trackable, trackingLive } from '@loro/contracts/tracking';
import type { Resolution } from '@loro/contracts/tracking-trackables';
import type { z } from 'zod';
import { type CreationAttributes, UniqueConstraintError } from 'sequelize';
import { type Actor, Conflict, Forbidden, type Hub, NotFound, ulid } from '../../platform';
import { DeviceModel } from './device.model';
import { TrackableModel } from './trackable.model';

const REMEMBERED_MS = 60_000;
const TRIES = 5;

/** A trackable, and how finely its device records where nobody watches. */
export interface Reports extends Trackable {
  readonly resolution: z.output<typeof Resolution> | null;
}

interface Enrolled {
  readonly orgId: string;
  readonly userId: string;
  readonly trackable: Reports;
  readonly until: number;
}

/** Which device reports for which trackable. A device is enrolled by the first report of its user. */
export class Enrolment {
  private readonly found = new Map<string, Enrolled>();

  constructor(private readonly hub: Hub) {}

  /** What the device was found to report for within the last minute, if it is this person's. */
  known(actor: Actor, device: string): Reports | undefined {
    const enrolled = this.found.get(device);
    return enrolled && enrolled.until > this.hub.now().getTime() && enrolled.userId === actor.userId
      ? enrolled.trackable
      : undefined;
  }

  /**
   * @throws NotFound for another organisation's device
   * @throws Forbidden DEVICE_NOT_YOURS for a colleague's, DEVICE_NOT_ENROLLED for a service's that nobody enrolled
   * @throws Conflict NO_BRANCH for a person without a home branch
   */
  async trackableOf(actor: Actor, device: string): Promise<Reports> {
    const now = this.hub.now().getTime();
    let enrolled = this.found.get(device);
    if (!enrolled || enrolled.until < now) {
      enrolled = (await this.find(device, now)) ?? (await this.enrol(actor, device, now));
      this.found.set(device, enrolled);
    }
    if (enrolled.orgId !== actor.orgId) throw new NotFound('This device');
    if (enrolled.userId !== actor.userId)
      throw new Forbidden('DEVICE_NOT_YOURS', 'This device id belongs to a colleague.');
    return enrolled.trackable;
  }

  private async find(device: string, now: number): Promise<Enrolled | null> {
    const row = await DeviceModel.findOne({ where: { id: device } });
    const trackable = row && (await TrackableModel.findOne({ where: { orgId: row.orgId, id: row.trackableId } }));
    if (!row || !trackable || trackable.endedAt) return null;
    return { orgId: row.orgId, userId: row.userId, trackable: reports(trackable), until: now + REMEMBERED_MS };
  }

  /** What is enrolled otherwise now is found anew; other nodes remember it for a minute. */
  forget(device: string): void {
    this.found.delete(device);
  }

  /** A trackable of one's own making, with the next live key; in the caller's transaction. */
  async make(
    orgId: string,
    thing: Omit<CreationAttributes<TrackableModel>, 'orgId' | 'liveKey' | 'lostAt' | 'createdAt'>,
  ): Promise<TrackableModel> {
    const liveKey = await this.nextKey(orgId);
    return TrackableModel.create({ ...thing, orgId, liveKey, lostAt: null, createdAt: this.hub.now() });
  }

  private async enrol(actor: Actor, device: string, now: number): Promise<Enrolled> {
    if (actor.kind === 'service')
      throw new Forbidden('DEVICE_NOT_ENROLLED', 'Enrol this device for a vehicle or an asset before it reports.');
    for (let attempt = 1; ; attempt += 1) {
      try {
        const trackable = await this.hub.transact(async () => {
          const row = (await this.findPerson(actor)) ?? (await this.makePerson(actor));
          await DeviceModel.create({
            orgId: actor.orgId,
            id: device,
            userId: actor.userId,
            trackableId: row.id,
            createdAt: this.hub.now(),
          });
          return row;
        });
        const { orgId, userId } = actor;
        this.hub.emitLatest(
          trackingLive,
          'trackable:keyed',
          { orgId, id: trackable.branchId },
          { trackables: [trackable.toContract()] },
        );
        this.hub.emitLatest(
          trackingLive,
          'cells:keyed',
          { orgId, id: trackable.branchId },
          { trackables: [trackable.toContract()] },
        );
        return { orgId, userId, trackable: reports(trackable), until: now + REMEMBERED_MS };
      } catch (error) {
        if (!(error instanceof UniqueConstraintError) || attempt >= TRIES) throw error;
        // Two first reports of one person or device at once: the other one enrolled it.
        const other = await this.find(device, now);
        if (other) return other;
      }
    }
  }

  private findPerson({ orgId, userId }: Actor): Promise<TrackableModel | null> {
    return TrackableModel.findOne({ where: { orgId, kind: 'user', refId: userId } });
  }

  private async makePerson({ orgId, userId, name, homeBranchId }: Actor): Promise<TrackableModel> {
    if (homeBranchId === null) throw new Conflict('NO_BRANCH', 'You have no home branch to be tracked for.');
    return this.make(orgId, {
      id: ulid(this.hub.now().getTime()),
      kind: 'user',
      refId: userId,
      name,
      branchId: homeBranchId,
      userId,
    });
  }

  /** Counts in a row that stays locked until the commit: of two that enrol at once, the second waits for its number. */
  private async nextKey(orgId: string): Promise<number> {
    await this.hub.sequelize.query(
      `INSERT INTO live_keys (org_id, last) VALUES (:orgId, LAST_INSERT_ID(1))
       ON DUPLICATE KEY UPDATE last = LAST_INSERT_ID(last + 1)`,
      { replacements: { orgId } },
    );
    const [row] = await this.hub.select<{ last: number }>('SELECT LAST_INSERT_ID() AS last');
    if (!row) throw new Error('the counter of live keys did not count');
    return row.last;
  }
}

function reports(row: TrackableModel): Reports {
  return { ...row.toContract(), resolution: row.resolutionOf };
}
