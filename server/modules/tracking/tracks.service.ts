import { streamName } from '@loro/contracts/kit/live';
import type { LastPosition, Track, Trackable, TrackQuery } from '@loro/contracts/tracking';
import { Op, type WhereOptions } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  allow,
  distanceM,
  type Hub,
  NotFound,
  type Page,
  pageOf,
  reachOf,
  type WireEvent,
} from '../../platform';
import { branches } from '../branches';
import { flagsOf, pack, type LiveFix } from './fix.policy';
import type { FleetMirror } from './fleet.mirror';
import { TrackableModel } from './trackable.model';

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly branchId?: string | undefined;
}

interface PositionRow {
  trackableId: string;
  key: number;
  at: Date;
  receivedAt: Date;
  latE7: number;
  lngE7: number;
  accuracy: number;
  speed: number | null;
  heading: number | null;
  battery: number | null;
  flags: number;
}

interface TrackRow {
  at: Date;
  recording: string;
  latE7: number;
  lngE7: number;
  speed: number | null;
}

const POSITIONS = `SELECT p.trackable_id AS trackableId, t.live_key AS \`key\`, p.at, p.received_at AS receivedAt,
  p.lat_e7 AS latE7, p.lng_e7 AS lngE7, p.accuracy_m AS accuracy, p.speed_mps AS speed, p.heading_deg AS heading,
  p.battery, p.flags FROM last_positions p JOIN trackables t ON t.org_id = p.org_id AND t.id = p.trackable_id`;

/** Reading what is tracked: who, where now, where before. */
export class TracksService {
  /** @param raise brings the newest positions up to what this node has acknowledged */
  constructor(
    private readonly hub: Hub,
    private readonly mirror: FleetMirror,
    private readonly raise: () => Promise<void>,
  ) {}

  async list(actor: Actor, { limit, cursor, branchId }: ListQuery): Promise<Page<Trackable>> {
    const { scope, branchIds } = reachOf(actor, 'tracking.read');
    const after = this.hub.cursors.decode('trackables', cursor);
    const visible = { [Op.or]: [{ userId: actor.userId }, { branchId: [...branchIds] }] };
    const where: WhereOptions = {
      orgId: actor.orgId,
      ...(branchId && { branchId }),
      [Op.and]: [
        ...(scope === 'org' ? [] : [visible]),
        ...(after
          ? [{ [Op.or]: [{ name: { [Op.gt]: after[0] } }, { name: after[0], id: { [Op.gt]: after[1] } }] }]
          : []),
      ],
    };
    const rows = await TrackableModel.findAll({ where, order: ['name', 'id'], limit: limit + 1 });
    return pageOf(
      rows,
      limit,
      ({ name, id }) => this.hub.cursors.encode('trackables', [name, id]),
      (row) => row.toContract(),
    );
  }

  async get(actor: Actor, trackableId: string): Promise<Trackable> {
    const row = await TrackableModel.findOne({ where: { orgId: actor.orgId, id: trackableId } });
    if (!row) throw new NotFound('This trackable');
    allow(actor, 'tracking.read', { userId: row.userId, branchId: row.branchId, what: 'This trackable' });
    return row.toContract();
  }

  async positions(actor: Actor, { limit, cursor, branchId }: ListQuery) {
    const { scope, branchIds } = reachOf(actor, 'tracking.read');
    const after = this.hub.cursors.decode('positions', cursor);
    const streams = branchId === undefined ? [] : [streamName(actor.orgId, 'yard', branchId)];
    await this.hub.streams.openHeads(streams);
    await this.raise();
    return this.hub.snapshot(async () => {
      const rows = await this.hub.select<PositionRow>(
        `${POSITIONS} WHERE p.org_id = :orgId AND p.trackable_id > :after
         ${branchId === undefined ? '' : 'AND t.branch_id = :branchId'}
         ${scope === 'org' ? '' : 'AND (t.user_id = :userId OR t.branch_id IN (:branchIds))'}
         ORDER BY p.trackable_id LIMIT :limit`,
        {
          orgId: actor.orgId,
          after: after?.[0] ?? '',
          branchId,
          userId: actor.userId,
          // IN () is not SQL; no branch has an empty id.
          branchIds: branchIds.size > 0 ? [...branchIds] : [''],
          limit: limit + 1,
        },
      );
      return {
        ...pageOf(rows, limit, ({ trackableId }) => this.hub.cursors.encode('positions', [trackableId]), toContract),
        streams: await this.hub.streams.heads(streams),
      };
    });
  }

  /** Lines by recording and segment: what is between two recordings was not travelled on record. */
  async track(actor: Actor, trackableId: string, { from, to, limit }: z.output<typeof TrackQuery>): Promise<Track> {
    const { name } = await this.get(actor, trackableId);
    const newestFirst = await this.hub.select<TrackRow>(
      `SELECT at, CONCAT(device_id, boot, segment) AS recording, lat_e7 AS latE7, lng_e7 AS lngE7, speed_mps AS speed
       FROM fixes WHERE org_id = :orgId AND trackable_id = :trackableId AND at >= :from AND at < :to
       ORDER BY at DESC, device_id DESC, boot DESC, n DESC LIMIT :limit`,
      {
        orgId: actor.orgId,
        trackableId,
        from: new Date(from ?? 0),
        to: new Date(to ?? '2200-01-01T00:00:00Z'),
        limit: limit + 1,
      },
    );
    const rows = newestFirst.slice(0, limit).toReversed();
    const lines = new Map<string, TrackRow[]>();
    for (const row of rows) {
      const line = lines.get(row.recording);
      if (line) line.push(row);
      else lines.set(row.recording, [row]);
    }
    const all = [...lines.values()];
    return {
      type: 'Feature',
      geometry: {
        type: 'MultiLineString',
        coordinates: all.map((line) => line.map(({ latE7, lngE7 }): [number, number] => [lngE7 / 1e7, latE7 / 1e7])),
      },
      properties: {
        trackableId,
        name,
        from: rows[0]?.at.toISOString() ?? null,
        to: rows.at(-1)?.at.toISOString() ?? null,
        points: rows.length,
        lengthM: Math.round(all.reduce((sum, line) => sum + lengthM(line), 0) * 10) / 10,
        times: all.map((line) => line.map(({ at }) => at.toISOString())),
        speeds: all.map((line) => line.map(({ speed }) => speed)),
        truncated: newestFirst.length > limit,
      },
    };
  }

  /** Every key of a branch's fleet: whom it means, and its last value. */
  async latestOf(orgId: string, branchId: string): Promise<WireEvent[]> {
    await this.raise();
    const rows = await TrackableModel.findAll({ where: { orgId, branchId }, order: ['liveKey'] });
    const trackables = rows.map((row) => row.toContract());
    const positions = await this.newestOf(orgId, branchId, trackables);
    const now = this.hub.now();
    const meta = { stream: streamName(orgId, 'fleet', branchId), at: now.toISOString() };
    const fixes = [...positions].map(([key, fix]) => pack(key, fix.at, now.getTime(), fix));
    return [
      ['trackable:keyed', { trackables }, meta],
      ['fixes:moved', { at: now.toISOString(), fixes }, meta],
    ];
  }

  /** The last value of a trackable that is followed alone; nothing before its first fix. */
  async latestOfOne(orgId: string, trackableId: string): Promise<WireEvent[]> {
    await this.raise();
    const row = await TrackableModel.findOne({ where: { orgId, id: trackableId } });
    if (!row) return [];
    const positions = await this.newestOf(orgId, row.branchId, [row.toContract()]);
    const meta = { stream: streamName(orgId, 'trackable', trackableId), at: this.hub.now().toISOString() };
    return [...positions].map(([key, { at, lat, lng, accuracy, speed, heading }]) => [
      'trackable:moved',
      { trackableId, key, at: new Date(at).toISOString(), lat, lng, accuracy, speed, heading },
      meta,
    ]);
  }

  /** By live key: what MySQL knows, and over it what the mirror has that is newer. */
  private async newestOf(orgId: string, branchId: string, of: readonly Trackable[]): Promise<Map<number, LiveFix>> {
    if (of.length === 0) return new Map();
    const rows = await this.hub.select<PositionRow>(
      `${POSITIONS} WHERE p.org_id = :orgId AND p.trackable_id IN (:ids) ORDER BY t.live_key`,
      { orgId, ids: of.map(({ id }) => id) },
    );
    const positions = new Map<number, LiveFix>(rows.map((row) => [row.key, liveOf(row)]));
    const keys = new Set(of.map(({ key }) => key));
    for (const [key, fix] of await this.mirror.read({ orgId, branchId }))
      if (keys.has(key) && fix.at > (positions.get(key)?.at ?? 0)) positions.set(key, fix);
    return positions;
  }

  /** What the right to follow a trackable is asked about. */
  async trackableSubject(orgId: string, id: string): Promise<{ userId: string | null; branchId: string } | null> {
    const row = await TrackableModel.findOne({ where: { orgId, id } });
    return row && { userId: row.userId, branchId: row.branchId };
  }

  /** What the right to hear a branch is asked about. */
  async branchSubject(orgId: string, branchId: string): Promise<{ branchId: string } | null> {
    return (await this.hub.use(branches).exists(orgId, branchId)) ? { branchId } : null;
  }
}

const liveOf = ({ at, latE7, lngE7, accuracy, speed, heading }: PositionRow): LiveFix => ({
  at: at.getTime(),
  lat: latE7 / 1e7,
  lng: lngE7 / 1e7,
  accuracy,
  speed,
  heading,
});

function lengthM(line: readonly TrackRow[]): number {
  let sum = 0;
  let before: { lat: number; lng: number } | undefined;
  for (const { latE7, lngE7 } of line) {
    const here = { lat: latE7 / 1e7, lng: lngE7 / 1e7 };
    if (before) sum += distanceM(before, here);
    before = here;
  }
  return sum;
}

function toContract({ at, receivedAt, latE7, lngE7, flags, ...row }: PositionRow): LastPosition {
  return {
    ...row,
    at: at.toISOString(),
    receivedAt: receivedAt.toISOString(),
    lat: latE7 / 1e7,
    lng: lngE7 / 1e7,
    flags: flagsOf(flags),
  };
}
