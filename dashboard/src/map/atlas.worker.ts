import type { MultiLineString, Polygon, Position } from 'geojson';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import type { AtlasAnswer, AtlasRequest, CountryLabel, LandAndBorders } from './atlas-messages';
import { boundsOf, clipLines, clipPolygons, onBothSides, shifted, unwrap, unwrapRing } from './clip';
import type { Box } from './graticule';

type World = Topology<{ countries: GeometryCollection<{ name: string }>; land: GeometryCollection }>;

interface Detail {
  polygons: { rings: Position[][]; box: Box }[];
  lines: { points: Position[]; box: Box }[];
}

let detail: Promise<Detail> | undefined;

self.addEventListener('message', (event: MessageEvent<AtlasRequest>) => {
  const request = event.data;
  const work = request.want === 'world' ? world(request.url) : near(request.url, request.window);
  // A map without land is poorer, not broken; the next move asks again.
  work.then((answer) => self.postMessage(answer)).catch(() => self.postMessage({ got: 'nothing', want: request.want }));
});

async function world(url: string): Promise<AtlasAnswer> {
  const topology = await load(url);
  return {
    got: 'world',
    land: { type: 'MultiPolygon', coordinates: landOf(topology).map(({ coordinates }) => coordinates) },
    borders: bordersOf(topology),
    labels: labelsOf(topology),
  };
}

async function near(url: string, window: Box): Promise<AtlasAnswer> {
  detail ??= load(url).then(prepare);
  // A failed download must not be kept for ever.
  detail.catch(() => (detail = undefined));
  const { polygons, lines } = await detail;
  const found: LandAndBorders = {
    land: { type: 'MultiPolygon', coordinates: clipPolygons(polygons, window) },
    borders: { type: 'MultiLineString', coordinates: clipLines(lines, window) },
  };
  return { got: 'near', window, ...found };
}

async function load(url: string): Promise<World> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`atlas: ${answer.status}`);
  return answer.json();
}

function prepare(topology: World): Detail {
  const polygons = landOf(topology).map(({ coordinates }) => ({
    rings: coordinates,
    box: boundsOf(coordinates[0] ?? []),
  }));
  const lines = bordersOf(topology).coordinates.map((points) => ({ points, box: boundsOf(points) }));
  return {
    polygons: onBothSides(polygons, ({ rings }, byLng) => {
      const moved = rings.map((ring) => shifted(ring, byLng));
      return { rings: moved, box: boundsOf(moved[0] ?? []) };
    }),
    lines: onBothSides(lines, ({ points }, byLng) => {
      const moved = shifted(points, byLng);
      return { points: moved, box: boundsOf(moved) };
    }),
  };
}

function landOf(topology: World): Polygon[] {
  return feature(topology, topology.objects.land).features.flatMap(({ geometry }): Polygon[] => {
    const parts =
      geometry.type === 'Polygon'
        ? [geometry.coordinates]
        : geometry.type === 'MultiPolygon'
          ? geometry.coordinates
          : [];
    return parts.map((rings) => ({ type: 'Polygon', coordinates: together(rings.map(unwrapRing)) }));
  });
}

/** A lake belongs on the side of the 180th meridian on which its land is. */
function together([outer = [], ...holes]: Position[][]): Position[][] {
  const { west, east } = boundsOf(outer);
  return [
    outer,
    ...holes.map((hole) => {
      const box = boundsOf(hole);
      if (box.east < west) return shifted(hole, 360);
      return box.west > east ? shifted(hole, -360) : hole;
    }),
  ];
}

function bordersOf(topology: World): MultiLineString {
  const { coordinates } = mesh(topology, topology.objects.countries, (a, b) => a !== b);
  return { type: 'MultiLineString', coordinates: coordinates.map(unwrap) };
}

/** A country's name stands on its largest part. */
function labelsOf(topology: World): CountryLabel[] {
  return feature(topology, topology.objects.countries).features.flatMap(({ geometry, properties }) => {
    const parts =
      geometry.type === 'Polygon'
        ? [geometry.coordinates]
        : geometry.type === 'MultiPolygon'
          ? geometry.coordinates
          : [];
    const largest = parts.map(([ring = []]) => middleOf(unwrapRing(ring))).toSorted((a, b) => b.area - a.area)[0];
    return largest ? [{ name: properties.name, ...largest }] : [];
  });
}

/** Area (square degrees, shrunk by latitude) and centre of mass of a ring. */
function middleOf(ring: Position[]): { area: number; lng: number; lat: number } {
  let [area, lng, lat] = [0, 0, 0];
  for (const [index, [x = 0, y = 0]] of ring.entries()) {
    const [nextX = 0, nextY = 0] = ring[(index + 1) % ring.length] ?? [];
    const cross = x * nextY - nextX * y;
    area += cross / 2;
    lng += ((x + nextX) * cross) / 6;
    lat += ((y + nextY) * cross) / 6;
  }
  if (area === 0) return { area: 0, lng: ring[0]?.[0] ?? 0, lat: ring[0]?.[1] ?? 0 };
  const middle = { lng: lng / area, lat: lat / area };
  return { area: Math.abs(area) * Math.cos((middle.lat * Math.PI) / 180), ...middle };
}
