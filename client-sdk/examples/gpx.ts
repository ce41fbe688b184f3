import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** A point of a recorded track, as the file has it. */
export interface TrackPoint {
  /** Counts the track segments of the file: nothing was recorded between two of them. */
  readonly segment: number;
  readonly lat: number;
  readonly lng: number;
  /** ISO 8601 with `Z`, or null where the file has no time that can be read. */
  readonly at: string | null;
  readonly accuracy: number;
  readonly altitude: number | null;
  readonly speed: number | null;
  readonly heading: number | null;
}

/** Why a file cannot be played, in words for whoever chose it. */
export class BadFile extends Error {}

/** GPX knows no accuracy; this is what a phone under an open sky has. */
const USUAL_ACCURACY_M = 10;
/** Metres of error that one unit of a horizontal dilution of precision stands for. */
const METRES_PER_HDOP = 5;

type Element = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseTagValue: false,
  // Names and comments are not read, and an entity in one of them must not stop a track.
  processEntities: false,
  isArray: (name) => name === 'trk' || name === 'trkseg' || name === 'trkpt',
});

/**
 * Reads the track points of a GPX file, in the order of the file. Waypoints and routes were not travelled and are left out.
 *
 * @throws BadFile where it is not GPX
 */
export function readGpx(bytes: Uint8Array): TrackPoint[] {
  const text = decode(bytes);
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new BadFile(`This is not XML: line ${valid.err.line}: ${valid.err.msg}`);
  const document = elementOf(parser.parse(text));
  const gpx = document['gpx'];
  if (gpx === undefined) {
    const root = Object.keys(document).find((name) => !name.startsWith('?')) ?? 'nothing';
    throw new BadFile(`This is not a GPX file: it holds <${root}>, not <gpx>.`);
  }
  const segments = childrenOf(gpx, 'trk').flatMap((track) => childrenOf(track, 'trkseg'));
  return segments.flatMap((segment, index) => childrenOf(segment, 'trkpt').map((point) => pointOf(point, index)));
}

function pointOf(point: Element, segment: number): TrackPoint {
  const more = firstOf(point, 'TrackPointExtension');
  const hdop = numberOf(point['hdop']);
  const heading = numberOf(point['course'] ?? more['course']);
  const speed = numberOf(point['speed'] ?? more['speed']);
  return {
    segment,
    // What is not a number is sent all the same: the hub names it, and counts it as rejected.
    lat: Number(point['lat'] ?? Number.NaN),
    lng: Number(point['lon'] ?? Number.NaN),
    at: instantOf(point['time']),
    accuracy: hdop !== null && hdop > 0 ? hdop * METRES_PER_HDOP : USUAL_ACCURACY_M,
    altitude: numberOf(point['ele']),
    // Receivers write −1 for a speed or a course that they do not know.
    speed: speed !== null && speed >= 0 ? speed : null,
    heading: heading !== null && heading >= 0 && heading <= 360 ? heading : null,
  };
}

/** By its mark, by what it declares, or as UTF-8. */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  const declared = /^[^<]*<\?xml[^>]*\sencoding=["']([\w.-]+)["']/.exec(head)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(declared).decode(bytes);
  } catch {
    throw new BadFile(`This file says that it is written in “${declared}”, which cannot be read.`);
  }
}

/** A time without a zone is UTC in GPX. */
function instantOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = /(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`;
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? null : instant.toISOString();
}

function numberOf(value: unknown): number | null {
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

const elementOf = (value: unknown): Element =>
  // The parser makes plain objects of elements, and text of those that hold nothing else.
  typeof value === 'object' && value !== null ? (value as Element) : {};

function childrenOf(value: unknown, name: string): Element[] {
  const children = elementOf(value)[name];
  return Array.isArray(children) ? children.map(elementOf) : [];
}

/** The extension of a point, however deep its writer put it. */
function firstOf(point: Element, name: string): Element {
  const extensions = elementOf(point['extensions']);
  return { ...extensions, ...elementOf(extensions[name]) };
}
