import { distanceM } from '../../platform';

/** A point of a track that leaves the house. */
export interface FilePoint {
  readonly at: number;
  readonly lat: number;
  readonly lng: number;
  readonly accuracy: number;
  readonly speed: number | null;
  readonly device: string;
}

type Points = AsyncIterable<FilePoint>;

/** A pause longer than this, or another device, begins a new line. */
const BREAK_MS = 10 * 60_000;
/** Of formats that name all instants before all places: so many points at once. */
const CHUNK = 1_000;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
/** XML knows no control characters, not even escaped ones. */
const text = (value: string): string =>
  Array.from(value)
    .filter((sign) => (sign.codePointAt(0) ?? 0) >= 32)
    .map((sign) => ESCAPES[sign] ?? sign)
    .join('');
const iso = (ms: number): string => new Date(ms).toISOString();
const breaks = (before: FilePoint | undefined, point: FilePoint): boolean =>
  before !== undefined && (point.at - before.at > BREAK_MS || point.device !== before.device);

/** GPX 1.1, a segment for each stretch that was recorded in one go. */
export async function* gpxOf(name: string, points: Points): AsyncGenerator<string> {
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="Loro Hub" xmlns="http://www.topografix.com/GPX/1/1">\n<trk><name>${text(name)}</name>\n<trkseg>\n`;
  let before: FilePoint | undefined;
  for await (const point of points) {
    if (breaks(before, point)) yield '</trkseg>\n<trkseg>\n';
    yield `<trkpt lat="${point.lat}" lon="${point.lng}"><time>${iso(point.at)}</time></trkpt>\n`;
    before = point;
  }
  yield '</trkseg>\n</trk>\n</gpx>\n';
}

/** KML 2.2 with the tracks of Google’s extension, so that players know when each point was. */
export async function* kmlOf(name: string, points: Points): AsyncGenerator<string> {
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">\n<Document><name>${text(name)}</name>\n<Placemark><name>${text(name)}</name>\n<gx:MultiTrack>\n<gx:interpolate>0</gx:interpolate>\n`;
  for await (const line of lines(points)) {
    yield '<gx:Track>\n';
    yield line.map(({ at }) => `<when>${iso(at)}</when>\n`).join('');
    yield line.map(({ lng, lat }) => `<gx:coord>${lng} ${lat} 0</gx:coord>\n`).join('');
    yield '</gx:Track>\n';
  }
  yield '</gx:MultiTrack>\n</Placemark>\n</Document>\n</kml>\n';
}

/** GeoJSON: a feature for each stretch, with the instant and speed of every point beside its line. */
export async function* geoJsonOf(name: string, points: Points): AsyncGenerator<string> {
  yield `{"type":"FeatureCollection","features":[`;
  let isFirst = true;
  for await (const line of lines(points)) {
    const feature = {
      type: 'Feature',
      geometry:
        line.length === 1
          ? { type: 'Point', coordinates: placeOf(line[0]) }
          : { type: 'LineString', coordinates: line.map(placeOf) },
      properties: {
        name,
        times: line.map(({ at }) => iso(at)),
        accuracies: line.map(({ accuracy }) => accuracy),
        speeds: line.map(({ speed }) => speed),
        lengthM: Math.round(lengthOf(line) * 10) / 10,
      },
    };
    yield `${isFirst ? '' : ','}\n${JSON.stringify(feature)}`;
    isFirst = false;
  }
  yield '\n]}\n';
}

/** Stretches of at most so many points; one that goes on begins with the last point of the one before. */
async function* lines(points: Points): AsyncGenerator<FilePoint[]> {
  let line: FilePoint[] = [];
  for await (const point of points) {
    const before = line.at(-1);
    const isBreak = breaks(before, point);
    if (isBreak || line.length >= CHUNK) {
      yield line;
      line = !isBreak && before ? [before] : [];
    }
    line.push(point);
  }
  if (line.length > 0) yield line;
}

const placeOf = (point: FilePoint | undefined): [number, number] => [point?.lng ?? 0, point?.lat ?? 0];

function lengthOf(line: readonly FilePoint[]): number {
  let sum = 0;
  let before: FilePoint | undefined;
  for (const point of line) {
    if (before) sum += distanceM(before, point);
    before = point;
  }
  return sum;
}
