import { Readable } from 'node:stream';
import type { Precision } from '@loro/contracts/tracking-journeys';
import { type Actor, type Feed, type Hub, NotFound } from '../../platform';
import { type Cell, type Column, type ExportFormat, exportFeed } from '../../platform/exports';
import { branches } from '../branches';
import type { DayStore } from './day.store';
import { type JourneyReads, type Span, spanOf } from './journey.reads';
import {
  gapOf,
  type GapRow,
  speedingOf,
  type SpeedingRow,
  stopOf,
  type StopRow,
  tripOf,
  type TripRow,
  type ReadRow,
} from './journey.shapes';
import type { JourneyTable } from './journey.store';
import { blurred, CELL_M } from './cells.policy';
import type { LooksService } from './looks.service';
import { type FilePoint, geoJsonOf, gpxOf, kmlOf } from './track-files.policy';
import type { TracksService } from './tracks.service';

interface Asked {
  readonly precision?: Precision | undefined;
  readonly reason?: string | undefined;
}

const PACK_CHARACTERS = 16_384;
const WRITERS = {
  gpx: ['application/gpx+xml', gpxOf],
  kml: ['application/vnd.google-earth.kml+xml', kmlOf],
  geojson: ['application/geo+json', geoJsonOf],
} as const;
const TABLES = {
  trips: 'trips',
  stops: 'track_stops',
  gaps: 'track_gaps',
  speedings: 'speed_events',
} as const satisfies Record<string, JourneyTable>;

interface Uses {
  readonly reads: JourneyReads;
  readonly days: DayStore;
  readonly tracks: TracksService;
  readonly looks: LooksService;
}

/** Tracks and tables that leave the house; read while they are taken, whatever their length. */
export class FilesService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async track(
    actor: Actor,
    trackableId: string,
    query: Asked & { from: string; to: string; format: keyof typeof WRITERS },
  ): Promise<Feed> {
    const trackable = await this.uses.tracks.get(actor, trackableId);
    const { from, to } = spanOf(query.from, query.to);
    const precision = await this.uses.looks.tier(actor, trackable, query, 'export');
    const [type, write] = WRITERS[query.format];
    const fixes = this.uses.days.fixes(actor.orgId, trackableId, from, to);
    return {
      status: 200,
      type,
      headers: {
        'Content-Disposition': `attachment; filename="track-${trackableId}.${query.format}"`,
        'Cache-Control': 'no-store',
      },
      body: Readable.from(packed(write(trackable.name, precision === 'exact' ? fixes : cells(fixes))), {
        objectMode: false,
      }),
    };
  }

  async table(actor: Actor, table: string, query: Asked & Span & { format: ExportFormat }): Promise<Feed> {
    if (!isTable(table)) throw new NotFound('This table');
    await this.uses.reads.mustFind(actor.orgId, query);
    spanOf(query.from, query.to);
    const timeZone = actor.homeBranchId === null ? 'UTC' : await this.zoneOf(actor.orgId, actor.homeBranchId);
    return exportFeed(
      {
        format: query.format,
        title: TITLES[table],
        columns: COLUMNS[table],
        rows: this.rows(actor, table, query),
        timeZone,
      },
      `${table}-${query.from.slice(0, 10)}`,
    );
  }

  private async *rows(
    actor: Actor,
    table: keyof typeof TABLES,
    query: Asked & Span,
  ): AsyncGenerator<Readonly<Record<string, Cell>>> {
    const tiers = new Map<string, Precision>();
    for await (const row of this.uses.reads.all<Row>(actor, TABLES[table], query)) {
      const { trackableId: id, userId, branchId, trackableName: name } = row;
      const hasPlaces = table === 'trips' || table === 'stops';
      if (hasPlaces && !tiers.has(id))
        tiers.set(id, await this.uses.looks.tier(actor, { id, userId, branchId }, query, 'export'));
      yield { name, ...flat(table, row, tiers.get(id) ?? 'cell') };
    }
  }

  private async zoneOf(orgId: string, branchId: string): Promise<string> {
    return (await this.hub.use(branches).calendarOf(orgId, branchId)).zoneAt(this.hub.now());
  }
}

const isTable = (name: string): name is keyof typeof TABLES => Object.hasOwn(TABLES, name);

type Row = TripRow & StopRow & GapRow & SpeedingRow & ReadRow;

function flat(table: keyof typeof TABLES, row: Row, precision: Precision): Record<string, Cell> {
  if (table === 'gaps') return gapOf(row);
  if (table === 'speedings') return speedingOf(row);
  if (table === 'stops') {
    const { position, ...stop } = stopOf(row, precision);
    return { ...stop, place: stop.name, ...position };
  }
  const { start, end, ...trip } = tripOf(row, precision);
  return {
    ...trip,
    from: start.name,
    to: end.name,
    startLat: start.position.lat,
    startLng: start.position.lng,
    endLat: end.position.lat,
    endLng: end.position.lng,
    km: Math.round(trip.distanceM / 10) / 100,
  };
}

async function* cells(fixes: AsyncIterable<FilePoint>): AsyncGenerator<FilePoint> {
  let last = '';
  for await (const fix of fixes) {
    const { cell, lat, lng } = blurred(fix);
    if (cell !== last) yield { ...fix, lat, lng, accuracy: CELL_M, speed: null };
    last = cell;
  }
}

/** Many small parts as few larger ones. */
async function* packed(parts: AsyncIterable<string>): AsyncGenerator<string> {
  let pack = '';
  for await (const part of parts) {
    pack += part;
    if (pack.length < PACK_CHARACTERS) continue;
    yield pack;
    pack = '';
  }
  yield pack;
}

const TITLES = { trips: 'Trips', stops: 'Stops', gaps: 'Silences', speedings: 'Speeding' } as const;
const text = (key: string, label: string): Column => ({ key, label, kind: 'text' });
const number = (key: string, label: string): Column => ({ key, label, kind: 'number' });
const HEAD: readonly Column[] = [
  text('name', 'Name'),
  { key: 'date', label: 'Date', kind: 'date' },
  { key: 'startAt', label: 'From', kind: 'instant' },
  { key: 'endAt', label: 'To', kind: 'instant' },
];
const COLUMNS: Readonly<Record<keyof typeof TABLES, readonly Column[]>> = {
  trips: [
    ...HEAD,
    text('from', 'Left'),
    text('to', 'Arrived'),
    number('km', 'km'),
    { key: 'movingSec', label: 'Moving', kind: 'seconds' },
    { key: 'idleSec', label: 'Standing', kind: 'seconds' },
    number('avgKmh', 'Average km/h'),
    number('maxKmh', 'Fastest km/h'),
    text('purpose', 'Purpose'),
    text('note', 'Note'),
    number('startLat', 'Left at latitude'),
    number('startLng', 'Left at longitude'),
    number('endLat', 'Arrived at latitude'),
    number('endLng', 'Arrived at longitude'),
  ],
  stops: [
    ...HEAD,
    text('place', 'Place'),
    number('lat', 'Latitude'),
    number('lng', 'Longitude'),
    number('radiusM', 'Radius m'),
    number('fixes', 'Fixes'),
    number('confidence', 'Confidence'),
  ],
  gaps: [
    ...HEAD,
    text('reason', 'Reason'),
    number('distanceM', 'Metres'),
    { key: 'isEstimated', label: 'Estimated', kind: 'flag' },
  ],
  speedings: [...HEAD, number('limitKmh', 'Limit km/h'), text('source', 'Limit of'), number('maxKmh', 'Fastest km/h')],
};
