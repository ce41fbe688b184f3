import type { Feature, Point } from 'geojson';
import type { ExpressionSpecification, LayerSpecification, SymbolLayerSpecification } from 'maplibre-gl';
import type { Overlay } from '../../map/ground';
import type { Palette } from '../../map/palette';
import { addMarkerImages, markerImage } from './marker-images';
import type { Shown } from './motion';
import type { Person } from './person-state';

// The map takes the weight out of the first name, and falls back to the second one for the letters.
const font = ['Loro Medium', 'system-ui', 'sans-serif'];
const boldFont = ['Loro Semibold', 'system-ui', 'sans-serif'];
const state: ExpressionSpecification = ['get', 'state'];

/** What of ours lies on any base map, lowest first. */
export const fleetOverlay: Overlay = {
  sources: {
    fences: {},
    'fence-names': {},
    tails: {},
    accuracy: {},
    trail: {},
    'trail-head': {},
    // Told to gather only once there is a crowd.
    people: {
      cluster: false,
      clusterProperties: { moving: ['+', ['case', ['==', ['get', 'state'], 'moving'], 1, 0]] },
    },
    chosen: {},
  },
  layers: overlayLayers,
  images: addMarkerImages,
};

function overlayLayers(palette: Palette): LayerSpecification[] {
  const byState: ExpressionSpecification = [
    'match',
    state,
    'moving',
    palette['state-moving'],
    'still',
    palette['state-still'],
    'late',
    palette['state-late'],
    palette['state-lost'],
  ];
  return [
    {
      id: 'fence-area',
      type: 'fill',
      source: 'fences',
      paint: { 'fill-color': palette['map-fence'], 'fill-opacity': 0.08 },
    },
    {
      id: 'fence-line',
      type: 'line',
      source: 'fences',
      paint: { 'line-color': palette['map-fence'], 'line-width': 1.5, 'line-opacity': 0.7, 'line-dasharray': [3, 2] },
    },
    {
      id: 'fence-core',
      type: 'circle',
      source: 'fence-names',
      minzoom: 6,
      maxzoom: 12,
      paint: {
        'circle-radius': 16,
        'circle-color': palette['map-fence'],
        'circle-opacity': 0.1,
        'circle-stroke-color': palette['map-fence'],
        'circle-stroke-opacity': 0.55,
        'circle-stroke-width': 1.2,
      },
    },
    {
      id: 'tails',
      type: 'line',
      source: 'tails',
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: {
        'line-color': palette['state-moving'],
        'line-width': ['interpolate', ['linear'], ['zoom'], 9, 1.5, 14, 3],
        'line-opacity': 0.38,
      },
    },
    {
      id: 'accuracy',
      type: 'fill',
      source: 'accuracy',
      paint: { 'fill-color': byState, 'fill-opacity': 0.14 },
    },
    trailLayer('trail-rim', 'trail', palette['map-halo'], 7),
    trailLayer('trail-head-rim', 'trail-head', palette['map-halo'], 7),
    trailLayer('trail-line', 'trail', palette.accent, 3.5),
    trailLayer('trail-head-line', 'trail-head', palette.accent, 3.5),
    {
      id: 'people-clusters',
      type: 'circle',
      source: 'people',
      filter: ['has', 'point_count'],
      paint: {
        'circle-radius': ['step', ['get', 'point_count'], 15, 10, 19, 50, 24, 200, 30],
        'circle-color': ['case', ['>', ['get', 'moving'], 0], palette['state-moving'], palette['state-still']],
        'circle-opacity': 0.9,
        'circle-stroke-width': 3,
        'circle-stroke-color': palette['map-halo'],
      },
    },
    {
      id: 'people-counts',
      type: 'symbol',
      source: 'people',
      filter: ['has', 'point_count'],
      layout: {
        'text-field': ['get', 'point_count_abbreviated'],
        'text-font': boldFont,
        'text-size': 13,
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': palette.surface },
    },
    {
      id: 'person-halo',
      type: 'circle',
      source: 'chosen',
      paint: {
        'circle-radius': 19,
        'circle-color': byState,
        'circle-opacity': 0.22,
        'circle-stroke-width': 2,
        'circle-stroke-color': byState,
      },
    },
    {
      id: 'people',
      type: 'symbol',
      source: 'people',
      filter: single,
      layout: markerLayout,
    },
    {
      id: 'person-names',
      type: 'symbol',
      source: 'people',
      filter: single,
      minzoom: 7,
      layout: { ...nameLayout(12, font), 'symbol-sort-key': ['get', 'rank'] },
      paint: namePaint(palette),
    },
    {
      id: 'fence-name',
      type: 'symbol',
      source: 'fence-names',
      minzoom: 6,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': boldFont,
        'text-size': 13,
        'text-anchor': 'top',
        'text-offset': ['step', ['zoom'], ['literal', [0, 1.5]], 12, ['literal', [0, 0.4]]],
        'text-letter-spacing': 0.01,
        'text-padding': 4,
      },
      paint: {
        'text-color': palette['map-fence'],
        'text-halo-color': palette['map-halo'],
        'text-halo-width': 1.8,
      },
    },
    {
      id: 'chosen',
      type: 'symbol',
      source: 'chosen',
      layout: markerLayout,
    },
    {
      id: 'person-selected-name',
      type: 'symbol',
      source: 'chosen',
      layout: { ...nameLayout(14, boldFont), 'text-allow-overlap': true, 'text-radial-offset': 1.6 },
      paint: namePaint(palette),
    },
  ];
}

const single: ExpressionSpecification = ['!', ['has', 'point_count']];

const markerLayout: NonNullable<SymbolLayerSpecification['layout']> = {
  'icon-image': ['get', 'icon'],
  'icon-rotate': ['get', 'rotate'],
  'icon-rotation-alignment': 'map',
  'icon-allow-overlap': true,
  'icon-ignore-placement': true,
  // Those who move lie on top of those who do not.
  'symbol-sort-key': ['-', ['get', 'rank']],
  'icon-size': ['interpolate', ['linear'], ['zoom'], 3, 0.5, 9, 0.72, 13, 1],
};

const nameLayout = (size: number, face: string[]) => ({
  'text-field': ['get', 'name'] as ExpressionSpecification,
  'text-font': face,
  'text-size': size,
  'text-variable-anchor': ['left' as const, 'right' as const, 'top' as const, 'bottom' as const],
  'text-radial-offset': 1.15,
  'text-justify': 'auto' as const,
  'text-padding': 2,
  'text-max-width': 14,
});

const namePaint = (palette: Palette) => ({
  'text-color': palette.text,
  'text-halo-color': palette['map-halo'],
  'text-halo-width': 1.6,
});

const trailLayer = (id: string, source: string, color: string, width: number): LayerSpecification => ({
  id,
  type: 'line',
  source,
  layout: { 'line-cap': 'round', 'line-join': 'round' },
  paint: { 'line-color': color, 'line-width': width, 'line-opacity': 0.85 },
});

/** Which picture a person gets; a heading turns the pointed one. */
function iconOf(personState: string, heading: number | null): { icon: string; rotate: number } {
  if (personState === 'moving' && heading !== null) return { icon: markerImage('heading'), rotate: heading };
  return { icon: markerImage(personState), rotate: 0 };
}

/** Somebody as a point of the map. */
export function markerOf(person: Person, { lng, lat, heading }: Shown): Feature<Point> {
  const { id, name } = person;
  const properties = { id, name, state: person.state, rank: ranks[person.state], ...iconOf(person.state, heading) };
  return { type: 'Feature', properties, geometry: { type: 'Point', coordinates: [lng, lat] } };
}

/** Whose name wins where two collide. */
const ranks = { moving: 0, late: 1, still: 2, lost: 3, unseen: 4 } as const;
