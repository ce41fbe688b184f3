import { UniqueConstraintError } from 'sequelize';
import type { Hub } from '../../platform';
import type { Mark } from './mark.store';
import { laneOf } from './rules.policy';

export interface Pair {
  readonly id: string;
  readonly userId: string;
  readonly branchId: string;
  readonly type: Mark['type'];
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

const COLUMNS = 'id, user_id AS userId, branch_id AS branchId, type, started_at AS startedAt, ended_at AS endedAt';

/** Stays: what `in` opens and `out` closes. A unique key lets a person have one open for work and one for a visit. */
export class PairsStore {
  constructor(private readonly hub: Hub) {}

  /** @returns false where one is open already */
  async open(mark: Mark): Promise<boolean> {
    try {
      await this.insert(mark, null);
      return true;
    } catch (error) {
      if (error instanceof UniqueConstraintError) return false;
      throw error;
    }
  }

  /** A stay without a length. */
  async stamp(mark: Mark): Promise<void> {
    await this.insert(mark, mark.occurredAt);
  }

  async close(orgId: string, id: string, by: Pick<Mark, 'id' | 'occurredAt' | 'place'>): Promise<void> {
    await this.hub.sequelize.query(
      `UPDATE check_ins SET ended_at = :at, ended_place = :place, ended_by = :by, open_for = NULL WHERE org_id = :orgId AND id = :id`,
      { replacements: { orgId, id, at: by.occurredAt, place: by.place, by: by.id } },
    );
  }

  async openOf(orgId: string, userId: string, type: Mark['type'], rest = ''): Promise<Pair | null> {
    const [row] = await this.hub.select<Pair>(
      `SELECT ${COLUMNS} FROM check_ins WHERE org_id = :orgId AND open_for = :userId AND lane = :lane ${rest}`,
      { orgId, userId, lane: laneOf(type) },
    );
    return row ?? null;
  }

  lock(orgId: string, id: string): Promise<Pair | null> {
    return this.find(orgId, id, 'FOR UPDATE');
  }

  async find(orgId: string, id: string, rest = ''): Promise<Pair | null> {
    const [row] = await this.hub.select<Pair>(
      `SELECT ${COLUMNS} FROM check_ins WHERE org_id = :orgId AND id = :id ${rest}`,
      { orgId, id },
    );
    return row ?? null;
  }

  /** A stay whose beginning or end does not count any more: without a beginning it is gone, without an end it is open no more. */
  async setStatus(orgId: string, id: string, status: Mark['status']): Promise<void> {
    await this.hub.sequelize.query('UPDATE check_ins SET status = :status WHERE org_id = :orgId AND id = :id', {
      replacements: { orgId, id, status },
    });
  }

  private async insert(mark: Mark, endedAt: Date | null): Promise<void> {
    const { orgId, id, branchId, userId, type, status, occurredAt, place, note } = mark;
    await this.hub.sequelize.query(
      `INSERT INTO check_ins (org_id, id, branch_id, user_id, type, lane, status, started_at, started_place, ended_at, ended_place,
         ended_by, note, open_for)
       VALUES (:orgId, :id, :branchId, :userId, :type, :lane, :status, :occurredAt, :place, :endedAt, :endedPlace, :endedBy, :note, :openFor)`,
      {
        replacements: {
          orgId,
          id,
          branchId,
          userId,
          type,
          lane: laneOf(type),
          status,
          occurredAt,
          place,
          endedAt,
          endedPlace: endedAt ? place : null,
          endedBy: endedAt ? id : null,
          note,
          openFor: endedAt ? null : userId,
        },
      },
    );
  }
}
