import type { Track, TrackQuery } from '@loro/contracts/tracking';
import type { Precision } from '@loro/contracts/tracking-journeys';
import type { z } from 'zod';
import { type Actor, distanceM, type Hub } from '../../platform';
import { blurred } from './cells.policy';
import type { LooksService } from './looks.service';
import { simplified } from './simplify.policy';
import type { TracksService } from './tracks.service';

interface TrackRow {
  at: Date;
  recording: string;
  latE7: number;
  lngE7: number;
  speed: number | null;
}

interface Point {
  readonly at: Date;
  readonly lat: number;
  readonly lng: number;
  readonly speed: number | null;
}

/** Plays back past tracks. */
export class PlaybackService {
  constructor(
    private readonly hub: Hub,
    private readonly by: { readonly tracks: TracksService; readonly looks: LooksService },
  ) {}

  /** Lines by recording and segment: what is between two recordings was not travelled on record. */
  async track(actor: Actor, trackableId: string, query: z.output<typeof TrackQuery>): Promise<Track> {
    const { limit, simplify } = query;
    const trackable = await this.by.tracks.get(actor, trackableId);
    const precision = await this.by.looks.tier(actor, trackable, query, 'track');
    const newestFirst = await this.newest(actor.orgId, trackableId, query);
    const rows = newestFirst.slice(0, limit).toReversed();
    const whole = linesOf(rows);
    const all = whole.map((line) => drawn(line, precision, simplify ?? 0));
    return {
      type: 'Feature',
      geometry: {
        type: 'MultiLineString',
        coordinates: all.map((line) => line.map(({ lat, lng }): [number, number] => [lng, lat])),
      },
      properties: {
        trackableId,
        name: trackable.name,
        from: rows[0]?.at.toISOString() ?? null,
        to: rows.at(-1)?.at.toISOString() ?? null,
        points: all.reduce((sum, line) => sum + line.length, 0),
        lengthM: Math.round(whole.reduce((sum, line) => sum + lengthM(line), 0) * 10) / 10,
        times: all.map((line) => line.map(({ at }) => at.toISOString())),
        speeds: all.map((line) => line.map(({ speed }) => (precision === 'exact' ? speed : null))),
        truncated: newestFirst.length > limit,
      },
    };
  }

  private newest(
    orgId: string,
    trackableId: string,
    { from, to, limit }: z.output<typeof TrackQuery>,
  ): Promise<TrackRow[]> {
    return this.hub.select<TrackRow>(
      `SELECT at, CONCAT(device_id, boot, segment) AS recording, lat_e7 AS latE7, lng_e7 AS lngE7, speed_mps AS speed
       FROM fixes WHERE org_id = :orgId AND trackable_id = :trackableId AND at >= :from AND at < :to
       ORDER BY at DESC, device_id DESC, boot DESC, n DESC LIMIT :limit`,
      {
        orgId,
        trackableId,
        from: new Date(from ?? 0),
        to: new Date(to ?? '2200-01-01T00:00:00Z'),
        limit: limit + 1,
      },
    );
  }
}

function linesOf(rows: readonly TrackRow[]): Point[][] {
  const lines = new Map<string, Point[]>();
  for (const { recording, at, latE7, lngE7, speed } of rows) {
    const point = { at, lat: latE7 / 1e7, lng: lngE7 / 1e7, speed };
    const line = lines.get(recording);
    if (line) line.push(point);
    else lines.set(recording, [point]);
  }
  return [...lines.values()];
}

/** A line as it is shown: its points, fewer of them, or the cells that it passes. */
function drawn(line: readonly Point[], precision: Precision, toleranceM: number): readonly Point[] {
  if (precision === 'cell') return cellsOf(line);
  return toleranceM === 0 ? line : simplified(line, toleranceM).flatMap((index) => line[index] ?? []);
}

function cellsOf(line: readonly Point[]): Point[] {
  let last = '';
  return line.flatMap((point) => {
    const { cell, lat, lng } = blurred(point);
    if (cell === last) return [];
    last = cell;
    return [{ ...point, lat, lng }];
  });
}

function lengthM(line: readonly Point[]): number {
  let sum = 0;
  let before: Point | undefined;
  for (const here of line) {
    if (before) sum += distanceM(before, here);
    before = here;
  }
  return sum;
}
