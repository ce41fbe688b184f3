import type { Fence } from '@loro/contracts/branches';
import type { Feature, FeatureCollection } from 'geojson';
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';
import { type LngLat, ringOf } from './geo';
import type { Overlay } from './ground';
import type { Palette } from './palette';
import { middleOf } from './fence-draft';

const isOpen: ExpressionSpecification = ['get', 'isOpen'];

/** A place with a name, its fence, or both. */
export interface Shape {
  readonly id: string;
  readonly name: string;
  readonly position: LngLat | null;
  readonly fence: Fence | null;
}

/** Places with their fences, and the fence that is being drawn. */
export const shapeOverlay: Overlay = {
  sources: { 'shape-fences': {}, 'shape-draft': {}, 'shape-points': {} },
  layers: (palette) => [
    ...fenceLayers('shape-fences', palette, { opacity: 0.1, dashed: true }),
    ...fenceLayers('shape-draft', palette, { opacity: 0.22, dashed: false }),
    {
      id: 'shape-points',
      type: 'circle',
      source: 'shape-points',
      paint: {
        'circle-radius': ['case', isOpen, 9, 6],
        'circle-color': ['case', isOpen, palette.accent, palette['map-fence']],
        'circle-stroke-width': 2,
        'circle-stroke-color': palette['map-halo'],
      },
    },
    {
      id: 'shape-names',
      type: 'symbol',
      source: 'shape-points',
      layout: {
        'text-field': ['get', 'name'],
        'text-font': ['Loro Medium', 'system-ui', 'sans-serif'],
        'text-size': 13,
        'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
        'text-radial-offset': 0.9,
        'text-padding': 4,
        'symbol-sort-key': ['case', isOpen, 0, 1],
      },
      paint: { 'text-color': palette.text, 'text-halo-color': palette['map-halo'], 'text-halo-width': 1.8 },
    },
  ],
};

function fenceLayers(
  source: string,
  palette: Palette,
  { opacity, dashed }: { opacity: number; dashed: boolean },
): readonly LayerSpecification[] {
  return [
    {
      id: `${source}-area`,
      type: 'fill',
      source,
      paint: { 'fill-color': palette['map-fence'], 'fill-opacity': opacity },
    },
    {
      id: `${source}-line`,
      type: 'line',
      source,
      paint: {
        'line-color': palette['map-fence'],
        'line-width': 2,
        ...(dashed && { 'line-dasharray': [3, 2] }),
      },
    },
  ];
}

/** Where something is, by its place or else by its fence. */
export const placeOf = ({ position, fence }: Pick<Shape, 'position' | 'fence'>): LngLat | null =>
  position ?? (fence ? middleOf(fence) : null);

export const areaOf = (fence: Fence): Feature => ({
  type: 'Feature',
  properties: {},
  geometry: { type: 'Polygon', coordinates: [ringOf(fence)] },
});

export const pointsOf = (shapes: readonly Shape[], openId: string | null): FeatureCollection => ({
  type: 'FeatureCollection',
  features: shapes.flatMap((shape): Feature[] => {
    const at = placeOf(shape);
    if (!at) return [];
    const { id, name } = shape;
    const properties = { id, name, isOpen: id === openId };
    return [{ type: 'Feature', properties, geometry: { type: 'Point', coordinates: [at.lng, at.lat] } }];
  }),
});
