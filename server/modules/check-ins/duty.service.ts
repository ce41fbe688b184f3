import { checkInsLive } from '@loro/contracts/check-ins';
import type { DutyRow as BoardRow } from '@loro/contracts/check-ins-duty';
import type { Duty, DutyState } from '@loro/contracts/check-ins-live';
import { type Actor, type After, allow, Conflict, type Hub, NotFound, type Page, pageOf } from '../../platform';
import { branches } from '../branches';
import { type DutySpan, dutyAfter, SILENT_MS } from './duty.policy';
import type { DutyNews } from './duty-news';
import { DUTY_COLUMNS, type DutyRow, type DutyStore, toDuty } from './duty.store';
import type { Mark } from './mark.store';
import { laneOf } from './rules.policy';

interface BoardQuery {
  readonly branchId: string;
  readonly state?: DutyState | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const AT_ONCE = 500;
/** Hearing of somebody is written down this often. */
const HEARD_MS = 30_000;

/** Who is on duty: what check-ins make of it, and what people say themselves. */
export class DutyService {
  private readonly heardAt = new Map<string, number>();

  constructor(
    private readonly hub: Hub,
    private readonly store: DutyStore,
    private readonly news: DutyNews,
  ) {}

  dutyOf(orgId: string, userIds: readonly string[], from: Date, to: Date): Promise<Map<string, DutySpan[]>> {
    return this.store.spans(orgId, userIds, from, to);
  }

  async mine({ orgId, userId, homeBranchId }: Actor): Promise<Duty> {
    const row = await this.store.find(orgId, userId);
    if (row) return toDuty(row);
    return {
      userId,
      branchId: homeBranchId,
      state: 'off',
      since: this.hub.now().toISOString(),
      unreachableSince: null,
    };
  }

  async set(actor: Actor, state: DutyState): Promise<Duty> {
    const { orgId, userId } = actor;
    allow(actor, 'duty.set', { userId });
    return this.hub.transact(async (after) => {
      const branchId = (await this.store.find(orgId, userId))?.branchId ?? actor.homeBranchId;
      if (branchId === null) throw new Conflict('NO_BRANCH', 'You belong to no branch.');
      await this.store.add({ orgId, userId, at: this.hub.now(), state, checkInId: null });
      return toDuty(await this.settle(orgId, userId, branchId, after));
    });
  }

  /** What a new check-in makes of duty, in its transaction; the pair of `out` is closed already. */
  async follow(mark: Mark, after: After): Promise<void> {
    const { orgId, userId, branchId, kind, id, occurredAt } = mark;
    if (mark.status === 'rejected' || (kind === 'out' && mark.pairId === null)) return;
    const isWithinWork = laneOf(mark.type) === 'visit' && (await this.isAtWork(orgId, userId, occurredAt));
    const state = dutyAfter(kind, isWithinWork);
    if (state !== null) await this.store.add({ orgId, userId, at: occurredAt, state, checkInId: id });
    await this.settle(orgId, userId, branchId, after);
  }

  async withdraw({ orgId, userId, branchId, id }: Mark, after: After): Promise<void> {
    if (await this.store.withdraw(orgId, id)) await this.settle(orgId, userId, branchId, after);
  }

  /** The device of somebody said something; nearly always nothing is to be written, and nothing to wait for. */
  heard(orgId: string, userId: string): Promise<unknown> | undefined {
    const now = this.hub.now().getTime();
    if ((this.heardAt.get(userId) ?? 0) > now - HEARD_MS) return undefined;
    if (this.heardAt.size > 50_000) this.heardAt.clear();
    this.heardAt.set(userId, now);
    return this.hub.sequelize.query(
      'UPDATE duty_states SET heard_at = :now WHERE org_id = :orgId AND user_id = :userId AND heard_at < :now',
      { replacements: { orgId, userId, now: new Date(now) } },
    );
  }

  /** People of a branch, by name, whoever was on duty there or belongs there. */
  async board(actor: Actor, { branchId, state, limit, cursor }: BoardQuery): Promise<Page<BoardRow>> {
    const { orgId } = actor;
    if (!(await this.hub.use(branches).exists(orgId, branchId))) throw new NotFound('This branch');
    allow(actor, 'duty.read', { branchId, what: 'This branch' });
    const [name = '', id = ''] = this.hub.cursors.decode('duty', cursor) ?? [];
    const rows = await this.hub.select<
      Omit<BoardRow, 'last' | 'since' | 'unreachableSince'> & {
        since: Date | null;
        unreachableSince: Date | null;
        lastId: string | null;
      }
    >(
      `SELECT u.id AS userId, u.name, COALESCE(d.branch_id, u.home_branch_id) AS branchId, COALESCE(d.state, 'off') AS state,
         d.since, d.unreachable_since AS unreachableSince,
         (SELECT m.id FROM check_in_marks m WHERE m.org_id = u.org_id AND m.user_id = u.id
           ORDER BY m.occurred_at DESC, m.id DESC LIMIT 1) AS lastId
       FROM users u LEFT JOIN duty_states d ON d.org_id = u.org_id AND d.user_id = u.id
       WHERE u.org_id = :orgId AND u.status = 'active' AND u.kind <> 'service'
         AND COALESCE(d.branch_id, u.home_branch_id) = :branchId
         AND (:state IS NULL OR COALESCE(d.state, 'off') = :state) AND (u.name, u.id) > (:name, :id)
       ORDER BY u.name, u.id LIMIT :limit`,
      { orgId, branchId, state: state ?? null, name, id, limit: limit + 1 },
    );
    const last = await this.lastOf(
      orgId,
      rows.flatMap(({ lastId }) => (lastId === null ? [] : [lastId])),
    );
    return pageOf(
      rows,
      limit,
      (row) => this.hub.cursors.encode('duty', [row.name, row.userId]),
      ({ lastId, since, unreachableSince, ...row }) => ({
        ...row,
        since: since?.toISOString() ?? null,
        unreachableSince: unreachableSince?.toISOString() ?? null,
        last: lastId === null ? null : (last.get(lastId) ?? null),
      }),
    );
  }

  /** Tells whose device on duty has been silent for 90 s, and who is heard of again. */
  async sweep(): Promise<void> {
    const silentSince = new Date(this.hub.now().getTime() - SILENT_MS);
    const heard = 'GREATEST(d.heard_at, COALESCE(u.last_seen_at, d.heard_at))';
    const lost = await this.hub.select<DutyRow>(
      `SELECT ${DUTY_COLUMNS} FROM duty_states d JOIN users u ON u.org_id = d.org_id AND u.id = d.user_id
        WHERE d.state <> 'off' AND d.unreachable_since IS NULL AND ${heard} < :silentSince LIMIT ${AT_ONCE}`,
      { silentSince },
    );
    for (const row of lost) await this.mark(row, this.hub.now());
    const back = await this.hub.select<DutyRow>(
      `SELECT ${DUTY_COLUMNS} FROM duty_states d JOIN users u ON u.org_id = d.org_id AND u.id = d.user_id
        WHERE d.unreachable_since IS NOT NULL AND (d.state = 'off' OR ${heard} >= :silentSince) LIMIT ${AT_ONCE}`,
      { silentSince },
    );
    for (const row of back) await this.mark(row, null);
  }

  private async mark({ orgId, userId }: DutyRow, since: Date | null): Promise<void> {
    await this.hub.transact(async (after) => {
      await this.hub.sequelize.query(
        'UPDATE duty_states SET unreachable_since = :since WHERE org_id = :orgId AND user_id = :userId',
        { replacements: { orgId, userId, since } },
      );
      const row = await this.store.find(orgId, userId);
      if (row) after.publish(checkInsLive, 'duty:changed', { orgId, id: row.branchId }, toDuty(row));
    });
  }

  private async settle(orgId: string, userId: string, branchId: string, after: After): Promise<DutyRow> {
    const { row, isNews } = await this.store.settle(orgId, userId, branchId);
    if (isNews) after.publish(checkInsLive, 'duty:changed', { orgId, id: branchId }, toDuty(row));
    // Changes of the past move the windows too, though the state stays.
    this.news.tell(orgId, userId);
    return row;
  }

  private async isAtWork(orgId: string, userId: string, at: Date): Promise<boolean> {
    const rows = await this.hub.select(
      `SELECT id FROM check_ins WHERE org_id = :orgId AND user_id = :userId AND lane = 'work' AND started_at <= :at
         AND (ended_at IS NULL OR ended_at > :at) LIMIT 1`,
      { orgId, userId, at },
    );
    return rows.length > 0;
  }

  private async lastOf(orgId: string, ids: readonly string[]): Promise<Map<string, NonNullable<BoardRow['last']>>> {
    if (ids.length === 0) return new Map();
    const rows = await this.hub.select<{ id: string; type: string; kind: string; at: Date }>(
      'SELECT id, type, kind, occurred_at AS at FROM check_in_marks WHERE org_id = :orgId AND id IN (:ids)',
      { orgId, ids },
    );
    return new Map(rows.map(({ at, ...row }) => [row.id, { ...row, at: at.toISOString() }]));
  }
}
