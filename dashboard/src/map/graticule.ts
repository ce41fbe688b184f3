import type { Feature, FeatureCollection, LineString } from 'geojson';

const steps = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001];
const MOST_LINES = 8;
/** Fine lines between two that carry a figure. */
const FINE = 5;

export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** Meridians and parallels at a round distance, a few over the view, so that even empty ground shows its place and scale. */
export function graticule(view: Box): FeatureCollection<LineString> {
  const span = Math.max(view.east - view.west, 1e-9);
  const step = steps.findLast((size) => span / size <= MOST_LINES) ?? 30;
  const digits = Math.max(0, Math.ceil(-Math.log10(step)));
  const box = {
    west: Math.floor((view.west - span / 2) / step) * step,
    east: Math.ceil((view.east + span / 2) / step) * step,
    south: Math.max(-85, Math.floor((view.south - span / 2) / step) * step),
    north: Math.min(85, Math.ceil((view.north + span / 2) / step) * step),
  };
  const features: Feature<LineString>[] = [];
  for (const { at, isFine } of between(box.west, box.east, step)) {
    features.push(line(meridian(at, box), isFine ? '' : label(normal(at), digits, 'E', 'W')));
  }
  for (const { at, isFine } of between(box.south, box.north, step)) {
    features.push(line(parallel(at, box), isFine ? '' : label(at, digits, 'N', 'S')));
  }
  return { type: 'FeatureCollection', features };
}

function between(from: number, to: number, step: number): { at: number; isFine: boolean }[] {
  const count = Math.min(64, Math.round((to - from) / step)) * FINE;
  return Array.from({ length: count + 1 }, (_, index) => ({
    at: from + (index * step) / FINE,
    isFine: index % FINE !== 0,
  }));
}

const meridian = (lng: number, { south, north }: Box): [number, number][] => [
  [lng, south],
  [lng, (south + north) / 2],
  [lng, north],
];
const parallel = (lat: number, { west, east }: Box): [number, number][] => [
  [west, lat],
  [(west + east) / 2, lat],
  [east, lat],
];

const normal = (lng: number): number => ((((lng + 180) % 360) + 360) % 360) - 180;

function label(value: number, digits: number, positive: string, negative: string): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return '0°';
  return `${text}° ${value > 0 ? positive : negative}`;
}

/** A line without a text is a fine one. */
const line = (coordinates: [number, number][], text: string): Feature<LineString> => ({
  type: 'Feature',
  properties: { text },
  geometry: { type: 'LineString', coordinates },
});
