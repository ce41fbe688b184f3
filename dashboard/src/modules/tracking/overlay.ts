import type { ExpressionSpecification, LayerSpecification, Map as MapLibre } from 'maplibre-gl';
import { addMarkerImages, markerImage } from './marker-images';
import type { Palette } from './palette';

const empty = { type: 'FeatureCollection' as const, features: [] };
// The map takes the weight out of the first name, and falls back to the second one for the letters.
const font = ['Loro Medium', 'system-ui', 'sans-serif'];
const boldFont = ['Loro Semibold', 'system-ui', 'sans-serif'];
const state: ExpressionSpecification = ['get', 'state'];

/** What of ours lies on any base map, lowest first. */
export function addOverlay(map: MapLibre, palette: Palette): void {
  addMarkerImages(map, palette);
  for (const id of ['fences', 'fence-names', 'tails', 'accuracy', 'trail', 'trail-head']) {
    map.addSource(id, { type: 'geojson', data: empty });
  }
  map.addSource('people', { type: 'geojson', data: empty, promoteId: 'id' });
  for (const layer of overlayLayers(palette)) map.addLayer(layer);
}

/** Gives every layer the colours of another theme, and leaves the data alone. */
export function repaint(map: MapLibre, layers: readonly LayerSpecification[]): void {
  for (const { id, paint } of layers) {
    for (const [name, value] of Object.entries(paint ?? {})) {
      // Names and values come from the layers above, where they are checked as pairs.
      map.setPaintProperty(id, name as Parameters<MapLibre['setPaintProperty']>[1], value);
    }
  }
}

export function overlayLayers(palette: Palette): LayerSpecification[] {
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
      id: 'person-halo',
      type: 'circle',
      source: 'people',
      filter: ['get', 'isSelected'],
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
      layout: {
        'icon-image': ['get', 'icon'],
        'icon-rotate': ['get', 'rotate'],
        'icon-rotation-alignment': 'map',
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        // Those who move lie on top of those who do not.
        'symbol-sort-key': ['-', ['get', 'rank']],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 3, 0.5, 9, 0.72, 13, 1],
      },
    },
    {
      id: 'person-names',
      type: 'symbol',
      source: 'people',
      filter: ['!', ['get', 'isSelected']],
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
      id: 'person-selected-name',
      type: 'symbol',
      source: 'people',
      filter: ['get', 'isSelected'],
      layout: { ...nameLayout(14, boldFont), 'text-allow-overlap': true, 'text-radial-offset': 1.6 },
      paint: namePaint(palette),
    },
  ];
}

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
export function iconOf(personState: string, heading: number | null): { icon: string; rotate: number } {
  if (personState === 'moving' && heading !== null) return { icon: markerImage('heading'), rotate: heading };
  return { icon: markerImage(personState), rotate: 0 };
}
