import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Palette } from './palette';

const ATTRIBUTION = 'Natural Earth, by world-atlas';
/** Below this zoom the whole earth is drawn, from here on the finest land of the neighbourhood. */
export const NEAR_ZOOM = 5;

const empty = { type: 'FeatureCollection' as const, features: [] };
const font = ['system-ui', 'sans-serif'];

/** A map from this page alone. Without a `glyphs` address MapLibre draws its letters from the fonts of the device. */
export function baseStyle(palette: Palette): StyleSpecification {
  return {
    version: 8,
    sources: {
      world: { type: 'geojson', data: empty, maxzoom: 8, attribution: ATTRIBUTION },
      'world-borders': { type: 'geojson', data: empty, maxzoom: 8 },
      near: { type: 'geojson', data: empty, maxzoom: 13, attribution: ATTRIBUTION },
      'near-borders': { type: 'geojson', data: empty, maxzoom: 13 },
      countries: { type: 'geojson', data: empty, maxzoom: 8 },
      grid: { type: 'geojson', data: empty, tolerance: 0 },
    },
    layers: baseLayers(palette),
  };
}

export function baseLayers(palette: Palette): LayerSpecification[] {
  return [
    { id: 'sea', type: 'background', paint: { 'background-color': palette['map-sea'] } },
    ...landLayers('world', palette),
    ...landLayers('near', palette),
    {
      id: 'grid-fine',
      type: 'line',
      source: 'grid',
      filter: ['==', ['get', 'text'], ''],
      minzoom: 4,
      paint: { 'line-color': palette['map-grid'], 'line-width': 1, 'line-opacity': 0.5 },
    },
    {
      id: 'grid',
      type: 'line',
      source: 'grid',
      filter: ['!=', ['get', 'text'], ''],
      paint: { 'line-color': palette['map-grid'], 'line-width': 1 },
    },
    {
      id: 'grid-text',
      type: 'symbol',
      source: 'grid',
      minzoom: 4,
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 600,
        'text-field': ['get', 'text'],
        'text-font': font,
        'text-size': 10.5,
        'text-offset': [0, -0.7],
        'text-padding': 24,
      },
      paint: {
        'text-color': palette['map-grid-text'],
        'text-halo-color': palette['map-halo'],
        'text-halo-width': 1,
        'text-opacity': 0.8,
      },
    },
    {
      id: 'countries',
      type: 'symbol',
      source: 'countries',
      minzoom: 1.5,
      maxzoom: 8,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': font,
        'text-size': ['interpolate', ['linear'], ['zoom'], 2, 10, 6, 15],
        'text-letter-spacing': 0.08,
        'text-max-width': 8,
        'text-padding': 8,
        'symbol-sort-key': ['-', ['get', 'area']],
      },
      paint: {
        'text-color': palette['map-label'],
        'text-halo-color': palette['map-halo'],
        'text-halo-width': 1.2,
        'text-opacity': ['interpolate', ['linear'], ['zoom'], 6.5, 1, 8, 0],
      },
    },
  ];
}

function landLayers(source: 'world' | 'near', palette: Palette): LayerSpecification[] {
  const borders = `${source}-borders`;
  return [
    {
      id: `${source}-land`,
      type: 'fill',
      source,
      paint: { 'fill-color': palette['map-land'], 'fill-antialias': false },
    },
    {
      id: `${source}-coast`,
      type: 'line',
      source,
      paint: {
        'line-color': palette['map-coast'],
        'line-width': ['interpolate', ['linear'], ['zoom'], 1, 0.6, 8, 1.2],
      },
    },
    {
      id: borders,
      type: 'line',
      source: borders,
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': palette['map-border'],
        'line-width': ['interpolate', ['linear'], ['zoom'], 2, 0.6, 8, 1.6],
        'line-dasharray': [4, 2],
      },
    },
  ];
}
