import type { Hub } from '../../platform';
import { type LocationKeys, monthOf } from './location-keys';
import type { MarkStore } from './mark.store';
import type { PhotosService } from './photos.service';
import { placeOf, sealPlace } from './places';
import { blockCell, cityCell } from './standing.service';

const DAY_MS = 86_400_000;
const AT_ONCE = 200;
const NOT_HELD = `NOT EXISTS (SELECT 1 FROM location_holds h WHERE h.org_id = m.org_id AND h.user_id = m.user_id AND h.open_mark = 1)`;

interface Kept {
  readonly orgId: string;
  readonly coarseAfterDays: number;
  readonly rawDays: number;
}

interface PlainRow {
  readonly orgId: string;
  readonly id: string;
  readonly userId: string;
  readonly startedAt: Date;
  readonly latE7: number;
  readonly lngE7: number;
  readonly accuracyM: number | null;
  readonly endedAt: Date | null;
  readonly endLatE7: number | null;
  readonly endLngE7: number | null;
}

interface Parts {
  readonly marks: MarkStore;
  readonly keys: LocationKeys;
  readonly photos: PhotosService;
}

/** Places grow coarse, then go: exact, a block, nothing. What somebody is kept for a case is not touched. */
export class RetentionService {
  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {}

  async keep(): Promise<void> {
    while ((await this.sealOld()) === AT_ONCE);
    // Organisations without a profile keep what they have: they promised nothing.
    const profiles = await this.hub.select<Kept>(
      'SELECT org_id AS orgId, coarse_after_days AS coarseAfterDays, raw_days AS rawDays FROM privacy_profiles ORDER BY org_id',
    );
    for (const profile of profiles) await this.keepOf(profile);
    while ((await this.parts.photos.drop(AT_ONCE)) === AT_ONCE);
  }

  private async keepOf({ orgId, coarseAfterDays, rawDays }: Kept): Promise<void> {
    const now = this.hub.now().getTime();
    const coarse = new Date(now - coarseAfterDays * DAY_MS);
    const raw = new Date(now - rawDays * DAY_MS);
    while ((await this.coarsen(orgId, coarse)) === AT_ONCE);
    while ((await this.redact(orgId, raw)) === AT_ONCE);
    await this.destroyKeys(orgId, coarse);
  }

  /** The exact place becomes the block that it lies in. */
  private async coarsen(orgId: string, before: Date): Promise<number> {
    const due = await this.parts.marks.all(
      `m.org_id = :orgId AND m.place_state = 'exact' AND m.occurred_at < :before AND ${NOT_HELD}`,
      { orgId, before },
      `ORDER BY m.occurred_at LIMIT ${AT_ONCE}`,
    );
    for (const mark of due) {
      const place = await placeOf(this.parts.keys, mark);
      await this.hub.transact(async () => {
        await this.parts.marks.update(orgId, mark.id, {
          place: null,
          placeState: 'coarse',
          h3r9: place && blockCell(place),
          accuracyM: null,
          signedDistanceM: null,
        });
        await this.forgetStay(orgId, mark.id);
      });
    }
    return due.length;
  }

  /** Nothing is left beside the person; what was decided stays. */
  private async redact(orgId: string, before: Date): Promise<number> {
    const due = await this.hub.select<{ id: string }>(
      `SELECT m.id FROM check_in_marks m WHERE m.org_id = :orgId AND m.occurred_at < :before AND m.place_state <> 'redacted'
         AND (m.h3r7 IS NOT NULL OR m.place IS NOT NULL) AND ${NOT_HELD} LIMIT ${AT_ONCE}`,
      { orgId, before },
    );
    if (due.length === 0) return 0;
    await this.hub.transact(async () => {
      await this.hub.sequelize.query(
        `UPDATE check_in_marks SET place = NULL, place_state = 'redacted', h3r7 = NULL, h3r9 = NULL, accuracy_m = NULL,
           signed_distance_m = NULL WHERE org_id = :orgId AND id IN (:ids)`,
        { replacements: { orgId, ids: due.map(({ id }) => id) } },
      );
      for (const { id } of due) await this.forgetStay(orgId, id);
    });
    return due.length;
  }

  /** A month of which nothing exact is kept needs no key any more, and its copies in backups shall not be read. */
  private async destroyKeys(orgId: string, before: Date): Promise<void> {
    const rows = await this.hub.select<{ userId: string; month: number }>(
      `SELECT m.user_id AS userId, MAX(m.month) AS month FROM location_keys m WHERE m.org_id = :orgId AND m.wrapped IS NOT NULL
         AND m.month < :month AND ${NOT_HELD} GROUP BY m.user_id`,
      { orgId, month: monthOf(before) },
    );
    for (const { userId, month } of rows)
      await this.hub.transact(async (after) => {
        const count = await this.parts.keys.destroy(orgId, userId, month);
        if (count > 0)
          after.record({
            type: 'system_event',
            action: 'location-key.destroyed',
            orgId,
            entity: { type: 'user', id: userId },
            data: { month, count },
          });
      });
  }

  private async forgetStay(orgId: string, markId: string): Promise<void> {
    await this.hub.sequelize.query(
      `UPDATE check_ins SET started_place = NULL, started_lat_e7 = NULL, started_lng_e7 = NULL, started_accuracy_m = NULL
        WHERE org_id = :orgId AND id = :markId`,
      { replacements: { orgId, markId } },
    );
    await this.hub.sequelize.query(
      `UPDATE check_ins SET ended_place = NULL, ended_lat_e7 = NULL, ended_lng_e7 = NULL, ended_accuracy_m = NULL
        WHERE org_id = :orgId AND (ended_by = :markId OR id = :markId AND ended_by IS NULL)`,
      { replacements: { orgId, markId } },
    );
  }

  /** Stays from before places were sealed, of organisations that promised something: sealed, and given a record. */
  private async sealOld(): Promise<number> {
    const rows = await this.hub.select<PlainRow>(
      `SELECT c.org_id AS orgId, c.id, c.user_id AS userId, c.started_at AS startedAt, c.started_lat_e7 AS latE7,
         c.started_lng_e7 AS lngE7, c.started_accuracy_m AS accuracyM, c.ended_at AS endedAt, c.ended_lat_e7 AS endLatE7,
         c.ended_lng_e7 AS endLngE7
       FROM check_ins c JOIN privacy_profiles p ON p.org_id = c.org_id
       WHERE c.started_lat_e7 IS NOT NULL AND c.started_lng_e7 IS NOT NULL LIMIT ${AT_ONCE}`,
    );
    for (const row of rows) await this.sealOne(row);
    return rows.length;
  }

  private async sealOne(row: PlainRow): Promise<void> {
    const { orgId, id, userId, startedAt, endedAt, endLatE7, endLngE7 } = row;
    const started = { lat: row.latE7 / 1e7, lng: row.lngE7 / 1e7, accuracy: row.accuracyM ?? 0 };
    const place = await sealPlace(this.parts.keys, { orgId, userId, id, at: startedAt }, started);
    const hasEnd = endedAt !== null && endLatE7 !== null && endLngE7 !== null;
    const ended = hasEnd
      ? await sealPlace(
          this.parts.keys,
          { orgId, userId, id, at: endedAt },
          { lat: endLatE7 / 1e7, lng: endLngE7 / 1e7, accuracy: 0 },
        )
      : null;
    await this.hub.transact(async () => {
      await this.hub.sequelize.query(
        `UPDATE check_ins SET started_place = :place, ended_place = :ended, started_lat_e7 = NULL, started_lng_e7 = NULL,
           ended_lat_e7 = NULL, ended_lng_e7 = NULL WHERE org_id = :orgId AND id = :id`,
        { replacements: { orgId, id, place, ended } },
      );
      await this.hub.sequelize.query(
        `INSERT INTO check_in_marks (org_id, id, client_id, user_id, branch_id, type, kind, pair_id, occurred_at, tz, local_date,
           time_source, received_at, place, place_state, h3r7, decision, signals, reasons, status, pays, network, fingerprint, note)
         SELECT org_id, id, id, user_id, branch_id, type, 'in', id, started_at, 'UTC', DATE(started_at), 'server', started_at, :place,
           'exact', :cell, 'not-required', '[]', '[]', status, FALSE, 'online', REPEAT('0', 64), note
         FROM check_ins WHERE org_id = :orgId AND id = :id ON DUPLICATE KEY UPDATE org_id = VALUES(org_id)`,
        { replacements: { orgId, id, place, cell: cityCell(started) } },
      );
    });
  }
}
