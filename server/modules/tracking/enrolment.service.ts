import { type Trackable, trackingLive } from '@loro/contracts/tracking';
import { UniqueConstraintError } from 'sequelize';
import { type Actor, Conflict, Forbidden, type Hub, NotFound, ulid } from '../../platform';
import { DeviceModel } from './device.model';
import { TrackableModel } from './trackable.model';

const REMEMBERED_MS = 60_000;
const TRIES = 5;

interface Enrolled {
  readonly orgId: string;
  readonly userId: string;
  readonly trackable: Trackable;
  readonly until: number;
}

/** Which device reports for which trackable. A device is enrolled by the first report of its user. */
export class Enrolment {
  private readonly found = new Map<string, Enrolled>();

  constructor(private readonly hub: Hub) {}

  /** What the device was found to report for within the last minute, if it is this person's. */
  known(actor: Actor, device: string): Trackable | undefined {
    const enrolled = this.found.get(device);
    return enrolled && enrolled.until > this.hub.now().getTime() && enrolled.userId === actor.userId
      ? enrolled.trackable
      : undefined;
  }

  /**
   * @throws NotFound for another organisation's device
   * @throws Forbidden DEVICE_NOT_YOURS for a colleague's
   * @throws Conflict NO_BRANCH for a person without a home branch
   */
  async trackableOf(actor: Actor, device: string): Promise<Trackable> {
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
    if (!row || !trackable) return null;
    return { orgId: row.orgId, userId: row.userId, trackable: trackable.toContract(), until: now + REMEMBERED_MS };
  }

  private async enrol(actor: Actor, device: string, now: number): Promise<Enrolled> {
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
          return row.toContract();
        });
        const { orgId, userId } = actor;
        this.hub.emitLatest(
          trackingLive,
          'trackable:keyed',
          { orgId, id: trackable.branchId },
          { trackables: [trackable] },
        );
        return { orgId, userId, trackable, until: now + REMEMBERED_MS };
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
    return TrackableModel.create({
      orgId,
      id: ulid(this.hub.now().getTime()),
      liveKey: await this.nextKey(orgId),
      kind: 'user',
      refId: userId,
      name,
      branchId: homeBranchId,
      userId,
      lostAt: null,
      createdAt: this.hub.now(),
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
