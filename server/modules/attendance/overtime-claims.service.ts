import { attendanceLive } from '@loro/contracts/attendance-live';
import type { Claim, ClaimApproval, claimStates, OvertimeBalance } from '@loro/contracts/attendance-overtime';
import type { z } from 'zod';
import { type Actor, type After, allow, type Hub, HubError, Invalid, type Page, pageOf } from '../../platform';
import type { DirtyStore } from './dirty.store';
import type { Neighbours } from './neighbours';
import type { PeriodsStore } from './periods.store';
import { found, mustBeAnother, reachSql } from './reach';

type State = (typeof claimStates)[number];

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly userId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}
type Decision = Pick<Claim, 'state' | 'approvedSec' | 'settledAs' | 'note'>;

const SHOWN = `id, day_id AS dayId, user_id AS userId, branch_id AS branchId, DATE_FORMAT(work_date, '%Y-%m-%d') AS workDate,
  seconds, approved_sec AS approvedSec, factor_ppm AS factorPpm, state, settled_as AS settledAs, approver_id AS approverId,
  note, version`;
/** A day without a shift is worth as much time off as one of so many seconds. */
const USUAL_DAY_SEC = 28_800;
const WHOLE_DAY = 1_000;
const WHOLE_PPM = 1_000_000;

/** Overtime that was worked, and what becomes of it. */
export class OvertimeClaimsService {
  constructor(
    private readonly hub: Hub,
    private readonly periods: PeriodsStore,
    private readonly dirty: DirtyStore,
    private readonly neighbours: Neighbours,
  ) {}

  async list(actor: Actor, query: ListQuery & { state?: State | undefined }): Promise<Page<Claim>> {
    const { limit, cursor, state } = query;
    const { where, values } = conditions(actor, query);
    const after = this.hub.cursors.decode('overtime-claims', cursor);
    const all = [...where, ...(state === undefined ? [] : ['state = :state']), ...(after ? ['id < :after'] : [])];
    const rows = await this.hub.select<Claim>(
      `SELECT ${SHOWN} FROM overtime_claims WHERE org_id = :orgId AND ${all.join(' AND ')} ORDER BY id DESC LIMIT ${limit + 1}`,
      { ...values, state, after: after?.[0] },
    );
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('overtime-claims', [id]),
      (row) => row,
    );
  }

  async approve(actor: Actor, id: string, { seconds, settleAs, note }: z.output<typeof ClaimApproval>): Promise<Claim> {
    return this.decide(actor, id, 'approved', async (claim) => {
      const approvedSec = seconds ?? claim.seconds;
      if (approvedSec > claim.seconds)
        throw new Invalid('VALIDATION_FAILED', 'Wrong: seconds.', {
          errors: [{ path: 'seconds', code: 'too_big', message: `is more than the ${claim.seconds} that were worked` }],
        });
      if (settleAs === 'time-off') await this.giveTimeOff(actor.orgId, claim, approvedSec);
      return { state: 'approved', approvedSec, settledAs: settleAs, note: note ?? null };
    });
  }

  reject(actor: Actor, id: string, note: string | undefined): Promise<Claim> {
    return this.decide(actor, id, 'rejected', async () => ({
      state: 'rejected',
      approvedSec: 0,
      settledAs: null,
      note: note ?? null,
    }));
  }

  async balances(actor: Actor, query: ListQuery & { branchId?: string | undefined }): Promise<Page<OvertimeBalance>> {
    const { limit, cursor, branchId } = query;
    const { where, values } = conditions(actor, query, 'c.');
    const after = this.hub.cursors.decode('overtime-balances', cursor);
    const all = [
      ...where,
      ...(branchId === undefined ? [] : ['c.branch_id = :branchId']),
      ...(after ? ['(p.name, c.user_id) > (:afterName, :afterUser)'] : []),
    ];
    const paid = "c.state IN ('approved', 'auto') AND (c.settled_as IS NULL OR c.settled_as = 'pay')";
    const rows = await this.hub.select<OvertimeBalance>(
      `SELECT c.user_id AS userId, p.name,
          CAST(SUM(IF(c.state = 'pending', c.seconds - c.approved_sec, 0)) AS SIGNED) AS pendingSec,
          CAST(SUM(IF(c.state <> 'rejected', c.approved_sec, 0)) AS SIGNED) AS approvedSec,
          CAST(SUM(IF(c.state = 'rejected', c.seconds, IF(c.state = 'approved', c.seconds - c.approved_sec, 0))) AS SIGNED) AS rejectedSec,
          CAST(SUM(IF(${paid}, ROUND(c.approved_sec * c.factor_ppm / ${WHOLE_PPM}), 0)) AS SIGNED) AS paidWeightedSec,
          CAST(SUM(IF(c.settled_as = 'time-off', c.approved_sec, 0)) AS SIGNED) AS timeOffSec
        FROM overtime_claims c JOIN attendance_people p ON p.org_id = c.org_id AND p.user_id = c.user_id
        WHERE c.org_id = :orgId AND ${all.join(' AND ')}
        GROUP BY c.user_id, p.name ORDER BY p.name, c.user_id LIMIT ${limit + 1}`,
      { ...values, branchId, afterName: after?.[0], afterUser: after?.[1] },
    );
    return pageOf(
      rows,
      limit,
      ({ name, userId }) => this.hub.cursors.encode('overtime-balances', [name, userId]),
      (row) => row,
    );
  }

  /** Seconds of a day as a part of it, times the factor (`comp_off`). */
  private async giveTimeOff(
    orgId: string,
    { id, dayId, userId, workDate, factorPpm }: Claim,
    seconds: number,
  ): Promise<void> {
    const [day] = await this.hub.select<{ scheduledSec: number }>(
      'SELECT scheduled_sec AS scheduledSec FROM attendance_days WHERE org_id = :orgId AND id = :dayId',
      { orgId, dayId },
    );
    const ofDay = day && day.scheduledSec > 0 ? day.scheduledSec : USUAL_DAY_SEC;
    const milliDays = Math.round((seconds * WHOLE_DAY * factorPpm) / (ofDay * WHOLE_PPM));
    const isGiven = await this.neighbours.timeOff?.grant({
      orgId,
      userId,
      milliDays,
      earnedOn: workDate,
      sourceKey: `overtime:${id}`,
    });
    if (!isGiven) throw new HubError('TIME_OFF_UNKNOWN', 'No type of leave takes time off for overtime.');
  }

  private async decide(
    actor: Actor,
    id: string,
    state: 'approved' | 'rejected',
    act: (claim: Claim) => Promise<Decision>,
  ): Promise<Claim> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const before = await this.find(orgId, id, 'FOR UPDATE');
      const { userId, branchId, workDate } = before;
      allow(actor, 'overtime.decide', { userId, branchId, what: 'This claim' });
      mustBeAnother(actor, userId);
      if (before.state !== 'pending') throw new HubError('STATE_INVALID', `It is ${before.state}.`);
      await this.periods.mustBeOpen(orgId, { userId, branchId }, workDate);
      const decision = await act(before);
      await this.hub.sequelize.query(
        `UPDATE overtime_claims SET state = ?, approved_sec = ?, settled_as = ?, note = ?, approver_id = ?, version = version + 1
          WHERE org_id = ? AND id = ?`,
        {
          replacements: [
            decision.state,
            decision.approvedSec,
            decision.settledAs,
            decision.note,
            actor.userId,
            orgId,
            id,
          ],
        },
      );
      const claim = await this.find(orgId, id);
      await this.dirty.mark(orgId, userId, workDate, after);
      this.tell(after, orgId, state, claim, before);
      return claim;
    });
  }

  private tell(after: After, orgId: string, state: string, claim: Claim, before: Claim): void {
    const { id, userId, branchId, workDate } = claim;
    after.record({
      action: `overtime-claim.${state}`,
      orgId,
      entity: { type: 'overtime-claim', id },
      branchId,
      before,
      after: claim,
    });
    after.publish(attendanceLive, 'overtime:decided', { orgId, id: userId }, { id, userId, workDate, state });
  }

  private async find(orgId: string, id: string, lock = ''): Promise<Claim> {
    const [row] = await this.hub.select<Claim>(
      `SELECT ${SHOWN} FROM overtime_claims WHERE org_id = :orgId AND id = :id ${lock}`,
      { orgId, id },
    );
    return found(row, 'This claim');
  }
}

function conditions(
  actor: Actor,
  { userId, from, to }: ListQuery,
  of = '',
): { where: string[]; values: Record<string, unknown> } {
  const reach = reachSql(actor, 'overtime.read', { user: `${of}user_id`, branch: `${of}branch_id` });
  return {
    where: [
      reach.sql,
      ...(userId === undefined ? [] : [`${of}user_id = :userId`]),
      ...(from === undefined ? [] : [`${of}work_date >= :from`]),
      ...(to === undefined ? [] : [`${of}work_date < :to`]),
    ],
    values: { ...reach.values, orgId: actor.orgId, userId, from, to },
  };
}
