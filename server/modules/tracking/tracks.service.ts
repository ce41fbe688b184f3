import { streamName } from '@loro/contracts/kit/live';
import type { LastPosition, Trackable } from '@loro/contracts/tracking';
import type { Precision } from '@loro/contracts/tracking-journeys';
import type { BoundingBox } from '@loro/contracts/tracking-trackables';
import { literal, Op, type WhereOptions } from 'sequelize';
import { type Actor, allow, type Hub, NotFound, type Page, pageOf, reachOf, type WireEvent } from '../../platform';
import { branches } from '../branches';
import { flagsOf, pack, type LiveFix } from './fix.policy';
import type { FleetMirror } from './fleet.mirror';
import { blurred, CELL_M, cellOf } from './cells.policy';
import type { LooksService } from './looks.service';
import { TrackableModel } from './trackable.model';

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly branchId?: string | undefined;
}

interface Place {
  readonly lat: number;
  readonly lng: number;
}

interface PositionRow {
  trackableId: string;
  userId: string | null;
  branchId: string;
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

const POSITIONS = `SELECT p.trackable_id AS trackableId, t.user_id AS userId, t.branch_id AS branchId, t.live_key AS \`key\`, p.at, p.received_at AS receivedAt,
  p.lat_e7 AS latE7, p.lng_e7 AS lngE7, p.accuracy_m AS accuracy, p.speed_mps AS speed, p.heading_deg AS heading,
  p.battery, p.flags FROM last_positions p JOIN trackables t ON t.org_id = p.org_id AND t.id = p.trackable_id`;

/** Reading what is tracked: who, where now, where before. */
export class TracksService {
  /** @param raise brings the newest positions up to what this node has acknowledged */
  constructor(
    private readonly hub: Hub,
    private readonly by: {
      readonly mirror: FleetMirror;
      readonly looks: LooksService;
      readonly raise: () => Promise<void>;
    },
  ) {}

  async list(
    actor: Actor,
    {
      limit,
      cursor,
      branchId,
      bbox,
      kind,
    }: ListQuery & { bbox?: BoundingBox | undefined; kind?: Trackable['kind'] | undefined },
  ): Promise<Page<Trackable>> {
    const { scope, branchIds } = reachOf(actor, 'tracking.read');
    const after = this.hub.cursors.decode('trackables', cursor);
    const visible = { [Op.or]: [{ userId: actor.userId }, { branchId: [...branchIds] }] };
    const where: WhereOptions = {
      orgId: actor.orgId,
      endedAt: null,
      ...(branchId && { branchId }),
      ...(kind && { kind }),
      [Op.and]: [
        ...(bbox ? [within(bbox, actor)] : []),
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

  async positions(
    actor: Actor,
    {
      limit,
      cursor,
      branchId,
      ...asked
    }: ListQuery & { precision?: Precision | undefined; reason?: string | undefined },
  ) {
    const { scope, branchIds } = reachOf(actor, 'tracking.read');
    const after = this.hub.cursors.decode('positions', cursor);
    const streams = branchId === undefined ? [] : [streamName(actor.orgId, 'yard', branchId)];
    await this.hub.streams.openHeads(streams);
    await this.by.raise();
    const page = await this.hub.snapshot(async () => {
      const rows = await this.hub.select<PositionRow>(
        `${POSITIONS} WHERE p.org_id = :orgId AND p.trackable_id > :after AND t.ended_at IS NULL
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
        ...pageOf(
          rows,
          limit,
          ({ trackableId }) => this.hub.cursors.encode('positions', [trackableId]),
          (row) => row,
        ),
        streams: await this.hub.streams.heads(streams),
      };
    });
    const items: LastPosition[] = [];
    for (const row of page.items) {
      const { trackableId: id, userId, branchId: at } = row;
      const precision = await this.by.looks.tier(actor, { id, userId, branchId: at }, asked, 'position');
      items.push(toContract(row, precision));
    }
    return { ...page, items };
  }

  /** Every key of a branch's fleet: whom it means, and its last value. */
  async latestOf(orgId: string, branchId: string): Promise<WireEvent[]> {
    await this.by.raise();
    const rows = await TrackableModel.findAll({ where: { orgId, branchId, endedAt: null }, order: ['liveKey'] });
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

  /** The same to about 200 m. */
  async cellsOf(orgId: string, branchId: string): Promise<WireEvent[]> {
    await this.by.raise();
    const rows = await TrackableModel.findAll({ where: { orgId, branchId, endedAt: null }, order: ['liveKey'] });
    const trackables = rows.map((row) => row.toContract());
    const positions = await this.newestOf(orgId, branchId, trackables);
    const now = this.hub.now();
    const meta = { stream: streamName(orgId, 'cells', branchId), at: now.toISOString() };
    const cells = [...positions].map(([key, fix]): [number, number, string] => [
      key,
      now.getTime() - fix.at,
      cellOf(fix),
    ]);
    return [
      ['cells:keyed', { trackables }, meta],
      ['cells:moved', { at: now.toISOString(), cells }, meta],
    ];
  }

  /** The last value of a trackable that is followed alone; nothing before its first fix. */
  async latestOfOne(orgId: string, trackableId: string): Promise<WireEvent[]> {
    await this.by.raise();
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
    for (const [key, fix] of await this.by.mirror.read({ orgId, branchId }))
      if (keys.has(key) && fix.at > (positions.get(key)?.at ?? 0)) positions.set(key, fix);
    return positions;
  }

  /** What the right to follow a trackable is asked about; nothing where exact places need a reason that was not given. */
  async trackableSubject(actor: Actor, id: string): Promise<{ userId: string | null; branchId: string } | null> {
    const row = await TrackableModel.findOne({ where: { orgId: actor.orgId, id, endedAt: null } });
    if (!row) return null;
    const { userId, branchId } = row;
    return (await this.by.looks.mayWatch(actor, { userId, branchId, trackableId: id })) ? { userId, branchId } : null;
  }

  /** What the right to see a branch’s people exactly is asked about. */
  async fleetSubject(actor: Actor, branchId: string): Promise<{ branchId: string } | null> {
    const subject = await this.branchSubject(actor.orgId, branchId);
    return subject && (await this.by.looks.mayWatch(actor, { branchId })) ? subject : null;
  }

  /** What the right to hear a branch is asked about. */
  async branchSubject(orgId: string, branchId: string): Promise<{ branchId: string } | null> {
    return (await this.hub.use(branches).exists(orgId, branchId)) ? { branchId } : null;
  }
}

const e7 = (degrees: number): number => Math.round(degrees * 1e7);
/** Whoever may not see exact places must not find them by smaller and smaller boxes. */
const STEP = 0.005;

function within({ west, south, east, north }: BoundingBox, actor: Actor) {
  const isExact = reachOf(actor, 'tracking.read').scope === actor.grants.get('tracking.read-precise')?.scope;
  const low = (degrees: number) => e7(isExact ? degrees : Math.floor(degrees / STEP) * STEP);
  const high = (degrees: number) => e7(isExact ? degrees : Math.ceil(degrees / STEP) * STEP);
  const between = west <= east ? 'AND' : 'OR';
  // Only whole numbers enter the statement.
  return literal(`EXISTS (SELECT 1 FROM last_positions p
    WHERE p.org_id = TrackableModel.org_id AND p.trackable_id = TrackableModel.id
      AND p.lat_e7 BETWEEN ${low(south)} AND ${high(north)}
      AND (p.lng_e7 >= ${low(west)} ${between} p.lng_e7 <= ${high(east)}))`);
}

const liveOf = ({ at, latE7, lngE7, accuracy, speed, heading }: PositionRow): LiveFix => ({
  at: at.getTime(),
  lat: latE7 / 1e7,
  lng: lngE7 / 1e7,
  accuracy,
  speed,
  heading,
});

function toContract(
  { at, receivedAt, latE7, lngE7, flags, userId: _user, branchId: _branch, ...row }: PositionRow,
  precision: Precision,
): LastPosition {
  const exact: Place = { lat: latE7 / 1e7, lng: lngE7 / 1e7 };
  const position = { ...row, at: at.toISOString(), receivedAt: receivedAt.toISOString(), flags: flagsOf(flags) };
  if (precision === 'exact') return { ...position, ...exact };
  return { ...position, ...blurred(exact), accuracy: CELL_M, speed: null, heading: null, precision };
}
