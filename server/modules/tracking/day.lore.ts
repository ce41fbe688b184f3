import type { Hub } from '../../platform';
import { branches, type FenceIndex } from '../branches';
import { configuration } from '../configuration';
import { topSpeedOf, type TrackFix } from './sieve.policy';
import type { SpeedLimit } from './speed.policy';
import type { DayRules } from './track-day.policy';
import { TrackableModel } from './trackable.model';

type Calendar = Awaited<ReturnType<ReturnType<typeof branches.service>['calendarOf']>>;

/** What holds for one track beside its fixes. */
export interface TrackLore {
  readonly trackable: TrackableModel;
  readonly calendar: Calendar;
  readonly fences: FenceIndex;
  readonly rules: DayRules;
  /** Who drove at an instant. */
  readonly driverAt: (at: number) => string | null;
}

interface DriverRow {
  readonly trackableId: string;
  readonly fromAt: Date;
  readonly userId: string | null;
}

/** Finds for tracks what the rules of their days ask for: zone, fences, speed limits, drivers. */
export class DayLore {
  constructor(private readonly hub: Hub) {}

  async of(orgId: string, ids: readonly string[]): Promise<TrackLore[]> {
    const rows = await TrackableModel.findAll({ where: { orgId, id: [...ids] }, order: ['id'] });
    const vehicles = rows.filter(({ kind }) => kind !== 'user').map(({ id }) => id);
    const drivers = await this.drivers(orgId, vehicles);
    const fences = await this.hub.use(branches).fenceIndex(orgId);
    const common = await this.hub.use(configuration).value('tracking.speed-limit-kmh', { orgId });
    const lore: TrackLore[] = [];
    for (const trackable of rows) {
      const own = drivers.filter(({ trackableId }) => trackableId === trackable.id);
      lore.push({
        trackable,
        calendar: await this.hub.use(branches).calendarOf(orgId, trackable.branchId),
        fences,
        rules: {
          topSpeed: topSpeedOf(trackable.kind),
          limitAt: limits(fences, trackable.speedLimitKmh, common),
        },
        driverAt: (at) =>
          trackable.kind === 'user'
            ? trackable.userId
            : (own.findLast(({ fromAt }) => fromAt.getTime() <= at)?.userId ?? null),
      });
    }
    return lore;
  }

  private async drivers(orgId: string, trackableIds: readonly string[]): Promise<DriverRow[]> {
    if (trackableIds.length === 0) return [];
    return this.hub.select(
      `SELECT trackable_id AS trackableId, from_at AS fromAt, user_id AS userId FROM trackable_drivers
        WHERE org_id = :orgId AND trackable_id IN (:trackableIds) ORDER BY trackable_id, from_at`,
      { orgId, trackableIds },
    );
  }
}

/** The lowest limit of the fences around a fix, else the vehicle’s, else the organisation’s. */
function limits(
  fences: FenceIndex,
  vehicle: number | null,
  common: number | null,
): (fix: TrackFix) => SpeedLimit | null {
  const limited = fences.fences.some(({ speedLimitKmh }) => speedLimitKmh !== null);
  const rest: SpeedLimit | null = otherLimit(vehicle, common);
  if (!limited) return () => rest;
  return (fix) => {
    let lowest: number | null = null;
    for (const fence of fences.at(fix)) {
      const { speedLimitKmh: kmh, hours } = fence;
      if (kmh === null || (lowest !== null && kmh >= lowest) || fence.signedDistanceM(fix) < 0) continue;
      if (hours === null || hours.isActive(fix.at)) lowest = kmh;
    }
    return lowest === null ? rest : { kmh: lowest, source: 'fence' };
  };
}

function otherLimit(vehicle: number | null, common: number | null): SpeedLimit | null {
  if (vehicle !== null) return { kmh: vehicle, source: 'vehicle' };
  return common === null ? null : { kmh: common, source: 'organisation' };
}
