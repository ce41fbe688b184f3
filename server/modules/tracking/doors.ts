import type { Hub } from '../../platform';
import { FUTURE } from './fix.policy';

/** What other rooms ask of tracks; they have asked their own permission. */
export class Doors {
  constructor(private readonly hub: Hub) {}

  async evidenceBetween(orgId: string, userId: string, from: Date, to: Date): Promise<Date | null> {
    const [row] = await this.hub.select<{ at: Date }>(
      `SELECT f.at FROM trackables k JOIN fixes f ON f.org_id = k.org_id AND f.trackable_id = k.id
        WHERE k.org_id = :orgId AND k.kind = 'user' AND k.ref_id = :userId AND f.at >= :from AND f.at < :to
          AND f.flags & :future = 0 ORDER BY f.at DESC LIMIT 1`,
      { orgId, userId, from, to, future: FUTURE },
    );
    return row?.at ?? null;
  }

  async distanceOf(orgId: string, userId: string, from: string, to: string): Promise<number> {
    const [row] = await this.hub.select<{ metres: number | null }>(
      `SELECT SUM(d.distance_m) AS metres FROM trackables k
         JOIN tracked_days d ON d.org_id = k.org_id AND d.trackable_id = k.id
        WHERE k.org_id = :orgId AND k.kind = 'user' AND k.ref_id = :userId AND d.on_date >= :from AND d.on_date <= :to`,
      { orgId, userId, from, to },
    );
    return Math.round((row?.metres ?? 0) * 10) / 10;
  }
}
