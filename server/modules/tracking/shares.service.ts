import { createHash, randomBytes } from 'node:crypto';
import {
  type MadePositionShare,
  MAX_SHARE_HOURS,
  type NewPositionShare,
  type PositionShare,
  type SharedPositions,
} from '@loro/contracts/tracking-shares';
import type { z } from 'zod';
import { type Actor, allow, type Hub, HubError, NotFound, type Page, pageOf, ulid } from '../../platform';
import { blurred, CELL_M } from './cells.policy';
import type { LooksService } from './looks.service';
import { TrackableModel } from './trackable.model';

interface ShareRow extends Omit<
  PositionShare,
  'trackableIds' | 'createdAt' | 'expiresAt' | 'revokedAt' | 'lastOpenedAt'
> {
  readonly orgId: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly lastOpenedAt: Date | null;
}

interface SharedRow {
  readonly key: number;
  readonly name: string;
  readonly kind: SharedPositions['positions'][number]['kind'];
  readonly at: Date;
  readonly latE7: number;
  readonly lngE7: number;
  readonly accuracy: number;
  readonly speed: number | null;
  readonly heading: number | null;
}

const SECRET_BYTES = 32;
/** Where somebody was well before he was shared is nobody’s business. */
const BEFORE_MS = 15 * 60_000;
const COLUMNS = `org_id AS orgId, id, name, detail AS \`precision\`, created_by AS createdBy, created_at AS createdAt,
  expires_at AS expiresAt, revoked_at AS revokedAt, opens, last_opened_at AS lastOpenedAt`;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Addresses that show people outside where somebody is, for a day at most. */
export class SharesService {
  constructor(
    private readonly hub: Hub,
    private readonly by: { readonly looks: LooksService; readonly raise: () => Promise<void> },
  ) {}

  /** The token is told this once; its hash is kept. */
  async make(
    actor: Actor,
    { name, trackableIds, precision, expiresAt }: z.output<typeof NewPositionShare>,
  ): Promise<MadePositionShare> {
    const { orgId, userId } = actor;
    const shown = [...new Set(trackableIds)];
    for (const id of shown) await this.mustReach(actor, id);
    const now = this.hub.now();
    const expires = new Date(expiresAt);
    if (expires <= now || expires.getTime() - now.getTime() > MAX_SHARE_HOURS * 3_600_000)
      throw new HubError('SHARE_TOO_LONG', 'A share ends within 24 hours.');
    if (precision === 'exact') await this.mayShow(actor, shown);
    const id = ulid(now.getTime());
    const token = `${orgId}.${randomBytes(SECRET_BYTES).toString('base64url')}`;
    return this.hub.transact(async (after) => {
      await this.hub.sequelize.query(
        `INSERT INTO position_shares (org_id, id, name, detail, token_hash, created_by, created_at, expires_at)
         VALUES (:orgId, :id, :name, :precision, :hash, :userId, :now, :expires)`,
        { replacements: { orgId, id, name, precision, hash: hashOf(token), userId, now, expires } },
      );
      await this.hub.sequelize.query(
        `INSERT INTO position_share_trackables (org_id, share_id, position, trackable_id) VALUES ${shown.map(() => '(?,?,?,?)').join(',')}`,
        { replacements: shown.flatMap((trackableId, index) => [orgId, id, index + 1, trackableId]) },
      );
      after.record({
        type: 'user_action',
        action: 'location.shared',
        severity: 'notice',
        entity: { type: 'position-share', id },
        data: { trackables: shown, precision, expiresAt },
      });
      return { ...(await this.read(orgId, id)), token, path: `/shared/${token}` };
    });
  }

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<PositionShare>> {
    allow(actor, 'tracking.share');
    const { orgId, userId, grants } = actor;
    const before = this.hub.cursors.decode('position-shares', cursor);
    const isAll = grants.get('tracking.share')?.scope === 'org';
    const rows = await this.hub.select<ShareRow>(
      `SELECT ${COLUMNS} FROM position_shares WHERE org_id = :orgId ${isAll ? '' : 'AND created_by = :userId'}
        ${before ? 'AND id < :id' : ''} ORDER BY id DESC LIMIT :limit`,
      { orgId, userId, id: before?.[0] ?? '', limit: limit + 1 },
    );
    const shown = await this.shownBy(orgId, rows);
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('position-shares', [id]),
      (row) => toContract(row, shown.get(row.id) ?? []),
    );
  }

  async end(actor: Actor, shareId: string): Promise<void> {
    allow(actor, 'tracking.share');
    const { orgId, userId, grants } = actor;
    await this.hub.transact(async (after) => {
      const share = await this.read(orgId, shareId);
      if (grants.get('tracking.share')?.scope !== 'org' && share.createdBy !== userId) throw new NotFound('This share');
      await this.hub.sequelize.query(
        'UPDATE position_shares SET revoked_at = COALESCE(revoked_at, :now) WHERE org_id = :orgId AND id = :shareId',
        { replacements: { orgId, shareId, now: this.hub.now() } },
      );
      after.record({
        type: 'user_action',
        action: 'location.share-ended',
        severity: 'notice',
        entity: { type: 'position-share', id: shareId },
      });
    });
  }

  /** For whoever holds the address. @throws HubError POSITION_SHARE_ENDED */
  async open(token: string): Promise<SharedPositions> {
    const [orgId = ''] = token.split('.');
    const [row] = await this.hub.select<ShareRow>(
      `SELECT ${COLUMNS} FROM position_shares WHERE org_id = :orgId AND token_hash = :hash`,
      { orgId, hash: hashOf(token) },
    );
    if (!row) throw new NotFound('This share');
    const now = this.hub.now();
    if (row.revokedAt !== null || row.expiresAt <= now)
      throw new HubError('POSITION_SHARE_ENDED', 'This share has ended.');
    await this.by.raise();
    const positions = await this.positions(row);
    await this.hub.sequelize.query(
      'UPDATE position_shares SET opens = opens + 1, last_opened_at = :now WHERE org_id = :orgId AND id = :id',
      { replacements: { orgId, id: row.id, now } },
    );
    const { name, precision, expiresAt } = row;
    return { name, precision, expiresAt: expiresAt.toISOString(), at: now.toISOString(), positions };
  }

  private async positions({ orgId, id, precision, createdAt }: ShareRow): Promise<SharedPositions['positions']> {
    const rows = await this.hub.select<SharedRow>(
      `SELECT s.position AS \`key\`, k.name, k.kind, p.at, p.lat_e7 AS latE7, p.lng_e7 AS lngE7, p.accuracy_m AS accuracy,
         p.speed_mps AS speed, p.heading_deg AS heading
         FROM position_share_trackables s JOIN trackables k ON k.org_id = s.org_id AND k.id = s.trackable_id
         JOIN last_positions p ON p.org_id = s.org_id AND p.trackable_id = s.trackable_id
        WHERE s.org_id = :orgId AND s.share_id = :id AND p.at >= :since AND k.ended_at IS NULL ORDER BY s.position`,
      { orgId, id, since: new Date(createdAt.getTime() - BEFORE_MS) },
    );
    return rows.map(({ at, latE7, lngE7, ...row }) => {
      const exact = { lat: latE7 / 1e7, lng: lngE7 / 1e7 };
      if (precision === 'exact') return { ...row, ...exact, at: at.toISOString() };
      const { lat, lng } = blurred(exact);
      return { ...row, lat, lng, at: at.toISOString(), accuracy: CELL_M, speed: null, heading: null };
    });
  }

  private async mustReach(actor: Actor, id: string): Promise<void> {
    const row = await TrackableModel.findOne({ where: { orgId: actor.orgId, id, endedAt: null } });
    if (!row) throw new NotFound('This trackable');
    allow(actor, 'tracking.share', { userId: row.userId, branchId: row.branchId, what: 'This trackable' });
  }

  /** Nobody shows others more exactly than he may see himself; that he does is kept as a look. */
  private async mayShow(actor: Actor, ids: readonly string[]): Promise<void> {
    const rows = await TrackableModel.findAll({ where: { orgId: actor.orgId, id: [...ids] } });
    for (const row of rows) await this.by.looks.tier(actor, row, { precision: 'exact' }, 'share');
  }

  private async read(orgId: string, id: string): Promise<PositionShare> {
    const [row] = await this.hub.select<ShareRow>(
      `SELECT ${COLUMNS} FROM position_shares WHERE org_id = :orgId AND id = :id`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This share');
    return toContract(row, (await this.shownBy(orgId, [row])).get(id) ?? []);
  }

  private async shownBy(orgId: string, shares: readonly ShareRow[]): Promise<Map<string, string[]>> {
    if (shares.length === 0) return new Map();
    const rows = await this.hub.select<{ shareId: string; trackableId: string }>(
      `SELECT share_id AS shareId, trackable_id AS trackableId FROM position_share_trackables
        WHERE org_id = :orgId AND share_id IN (:ids) ORDER BY share_id, position`,
      { orgId, ids: shares.map(({ id }) => id) },
    );
    const shown = new Map<string, string[]>();
    for (const { shareId, trackableId } of rows) shown.set(shareId, [...(shown.get(shareId) ?? []), trackableId]);
    return shown;
  }
}

function toContract({ orgId: _orgId, ...row }: ShareRow, trackableIds: string[]): PositionShare {
  return {
    ...row,
    trackableIds,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    revokedAt: row.revokedAt?.toISOString() ?? null,
    lastOpenedAt: row.lastOpenedAt?.toISOString() ?? null,
  };
}
