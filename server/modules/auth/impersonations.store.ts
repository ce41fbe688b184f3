import type { Impersonation } from '@loro/contracts/auth-impersonation';
import { QueryTypes } from 'sequelize';
import type { Hub } from '../../platform';

export interface StoredImpersonation {
  readonly orgId: string;
  readonly id: string;
  readonly helperId: string;
  readonly userId: string;
  readonly reason: string;
  readonly minutes: number;
  readonly state: Impersonation['state'];
  readonly sessionId: string | null;
  readonly askedAt: Date;
  readonly answeredAt: Date | null;
  readonly endsAt: Date | null;
  readonly endedAt: Date | null;
}

const COLUMNS = `org_id AS orgId, id, helper_id AS helperId, user_id AS userId, reason, minutes, state,
  session_id AS sessionId, asked_at AS askedAt, answered_at AS answeredAt, ends_at AS endsAt, ended_at AS endedAt`;

/** Rows of leave to act in somebody's place. */
export class ImpersonationsStore {
  constructor(private readonly hub: Hub) {}

  async add(
    row: Pick<StoredImpersonation, 'orgId' | 'id' | 'helperId' | 'userId' | 'reason' | 'minutes'>,
  ): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO impersonations (org_id, id, helper_id, user_id, reason, minutes, asked_at)
       VALUES (:orgId, :id, :helperId, :userId, :reason, :minutes, :now)`,
      { replacements: { ...row, now: this.hub.now() } },
    );
  }

  async find(orgId: string, id: string): Promise<StoredImpersonation | null> {
    const [row] = await this.hub.select<StoredImpersonation>(
      `SELECT ${COLUMNS} FROM impersonations WHERE org_id = :orgId AND id = :id`,
      { orgId, id },
    );
    return row ?? null;
  }

  /** In the caller's transaction: nobody else enters or ends it meanwhile. */
  async lock(orgId: string, id: string): Promise<StoredImpersonation | null> {
    const [row] = await this.hub.select<StoredImpersonation>(
      `SELECT ${COLUMNS} FROM impersonations WHERE org_id = :orgId AND id = :id FOR UPDATE`,
      { orgId, id },
    );
    return row ?? null;
  }

  of(orgId: string, personId: string, before: string | undefined, limit: number): Promise<StoredImpersonation[]> {
    return this.hub.select<StoredImpersonation>(
      `SELECT ${COLUMNS} FROM impersonations WHERE org_id = :orgId AND (helper_id = :personId OR user_id = :personId)
       ${before === undefined ? '' : 'AND id < :before'} ORDER BY id DESC LIMIT :limit`,
      { orgId, personId, before, limit },
    );
  }

  /** What was never answered, or whose time ran out, stands in the way of no new question. */
  async endStale(orgId: string, helperId: string, userId: string, askedBefore: Date): Promise<void> {
    await this.change(
      `UPDATE impersonations SET state = 'ended', open_mark = NULL, ended_at = :now
       WHERE org_id = :orgId AND helper_id = :helperId AND user_id = :userId AND open_mark = 1
       AND ((state = 'asked' AND asked_at <= :askedBefore) OR (state = 'granted' AND ends_at <= :now))`,
      { orgId, helperId, userId, askedBefore, now: this.hub.now() },
    );
  }

  /** @param endsAt null for no leave @returns false where it was answered before, or too long ago */
  async answer({ orgId, id }: StoredImpersonation, endsAt: Date | null, askedSince: Date): Promise<boolean> {
    const answered = await this.change(
      `UPDATE impersonations SET state = :state, open_mark = ${endsAt ? '1' : 'NULL'}, answered_at = :now,
         ends_at = :endsAt WHERE org_id = :orgId AND id = :id AND state = 'asked' AND asked_at > :askedSince`,
      { orgId, id, state: endsAt ? 'granted' : 'refused', endsAt, askedSince, now: this.hub.now() },
    );
    return answered > 0;
  }

  async keepSession({ orgId, id }: StoredImpersonation, sessionId: string): Promise<void> {
    await this.change('UPDATE impersonations SET session_id = :sessionId WHERE org_id = :orgId AND id = :id', {
      orgId,
      id,
      sessionId,
    });
  }

  /** @returns false where it was over */
  async end({ orgId, id }: StoredImpersonation): Promise<boolean> {
    const ended = await this.change(
      `UPDATE impersonations SET state = 'ended', open_mark = NULL, ended_at = :now
       WHERE org_id = :orgId AND id = :id AND open_mark = 1`,
      { orgId, id, now: this.hub.now() },
    );
    return ended > 0;
  }

  private async change(statement: string, replacements: Record<string, unknown>): Promise<number> {
    const [, affected] = await this.hub.sequelize.query(statement, { replacements, type: QueryTypes.UPDATE });
    return affected;
  }
}

export const presented = (row: StoredImpersonation): Impersonation => ({
  id: row.id,
  helperId: row.helperId,
  userId: row.userId,
  reason: row.reason,
  minutes: row.minutes,
  state: row.state,
  askedAt: row.askedAt.toISOString(),
  answeredAt: row.answeredAt?.toISOString() ?? null,
  endsAt: row.endsAt?.toISOString() ?? null,
  endedAt: row.endedAt?.toISOString() ?? null,
});
