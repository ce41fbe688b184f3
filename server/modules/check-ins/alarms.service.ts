import { checkInsLive } from '@loro/contracts/check-ins';
import type { Alarm } from '@loro/contracts/check-ins-live';
import type { Reading } from '@loro/contracts/check-ins-values';
import { type Actor, allow, Conflict, type Hub, may, NotFound, ulid } from '../../platform';
import type { DutyStore } from './duty.store';
import type { LocationKeys } from './location-keys';
import { sealPlace } from './places';

interface AlarmRow {
  readonly id: string;
  readonly userId: string;
  readonly branchId: string;
  readonly at: Date;
  readonly kind: Alarm['kind'];
  readonly endedAt: Date | null;
}

const COLUMNS = 'id, user_id AS userId, branch_id AS branchId, at, kind, ended_at AS endedAt';
const toContract = ({ at, endedAt, ...row }: AlarmRow): Alarm => ({
  ...row,
  at: at.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
});

/** Calls for help, and people who work alone and did not say that all is well. */
export class AlarmsService {
  constructor(
    private readonly hub: Hub,
    private readonly parts: { readonly duty: DutyStore; readonly keys: LocationKeys },
  ) {}

  async panic(actor: Actor, position: Reading | undefined): Promise<Alarm> {
    const { orgId, userId } = actor;
    allow(actor, 'duty.set', { userId });
    const branchId = (await this.parts.duty.find(orgId, userId))?.branchId ?? actor.homeBranchId;
    if (branchId === null) throw new Conflict('NO_BRANCH', 'You belong to no branch.');
    return this.raise(orgId, { userId, branchId, kind: 'panic' }, position);
  }

  /** The person, or whoever manages there. */
  async end(actor: Actor, id: string): Promise<Alarm> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const [row] = await this.hub.select<AlarmRow>(
        `SELECT ${COLUMNS} FROM duty_alarms WHERE org_id = :orgId AND id = :id FOR UPDATE`,
        { orgId, id },
      );
      if (!row) throw new NotFound('This alarm');
      if (row.userId !== actor.userId && !may(actor, 'duty.challenge', { branchId: row.branchId }))
        throw new NotFound('This alarm');
      if (row.endedAt) throw new Conflict('ALARM_OVER', 'This alarm is over.');
      const ended = { ...row, endedAt: this.hub.now() };
      await this.hub.sequelize.query(
        'UPDATE duty_alarms SET ended_at = :at, ended_by = :by WHERE org_id = :orgId AND id = :id',
        { replacements: { orgId, id, at: ended.endedAt, by: actor.userId } },
      );
      after.publish(checkInsLive, 'alarm:ended', { orgId, id: row.branchId }, toContract(ended));
      after.record({ action: 'alarm.ended', entity: { type: 'alarm', id }, branchId: row.branchId });
      return toContract(ended);
    });
  }

  async promise(actor: Actor, minutes: number): Promise<void> {
    const { orgId, userId } = actor;
    allow(actor, 'duty.set', { userId });
    const until = minutes === 0 ? null : new Date(this.hub.now().getTime() + minutes * 60_000);
    await this.hub.transact(async (after) => {
      const [, count] = await this.hub.sequelize.query(
        "UPDATE duty_states SET lone_until = :until WHERE org_id = :orgId AND user_id = :userId AND (state <> 'off' OR :until IS NULL)",
        { replacements: { orgId, userId, until } },
      );
      if (count === 0 && until !== null) throw new NotFound('Your time on duty');
      after.record({
        type: 'user_action',
        action: 'lone-work.promised',
        entity: { type: 'user', id: userId },
        data: { minutes },
      });
    });
  }

  /** Promises that were not kept. */
  async sweep(): Promise<void> {
    const due = await this.hub.select<{ orgId: string; userId: string; branchId: string }>(
      `SELECT org_id AS orgId, user_id AS userId, branch_id AS branchId FROM duty_states WHERE lone_until <= :now LIMIT 200`,
      { now: this.hub.now() },
    );
    for (const { orgId, userId, branchId } of due)
      await this.hub.transact(async () => {
        const [, count] = await this.hub.sequelize.query(
          'UPDATE duty_states SET lone_until = NULL WHERE org_id = :orgId AND user_id = :userId AND lone_until <= :now',
          { replacements: { orgId, userId, now: this.hub.now() } },
        );
        if (count !== 0) await this.raise(orgId, { userId, branchId, kind: 'lone-worker' }, undefined);
      });
  }

  private async raise(
    orgId: string,
    about: Pick<AlarmRow, 'userId' | 'branchId' | 'kind'>,
    position: Reading | undefined,
  ): Promise<Alarm> {
    const at = this.hub.now();
    const row: AlarmRow = { ...about, id: ulid(at.getTime()), at, endedAt: null };
    const place = position
      ? await sealPlace(this.parts.keys, { orgId, userId: row.userId, id: row.id, at }, position)
      : null;
    return this.hub.transact(async (after) => {
      await this.hub.sequelize.query(
        `INSERT INTO duty_alarms (org_id, id, user_id, branch_id, kind, at, place) VALUES (:orgId, :id, :userId, :branchId, :kind, :at, :place)`,
        { replacements: { orgId, ...row, place } },
      );
      after.publish(checkInsLive, 'alarm:raised', { orgId, id: row.branchId }, toContract(row));
      after.record({
        action: 'alarm.raised',
        severity: 'warning',
        entity: { type: 'alarm', id: row.id },
        branchId: row.branchId,
        data: { kind: row.kind },
      });
      return toContract(row);
    });
  }
}
