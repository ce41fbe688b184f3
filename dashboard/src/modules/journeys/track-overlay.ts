import type { TrackStop } from '@loro/contracts/tracking-journeys';
import type { Feature, FeatureCollection } from 'geojson';
import type { LayerSpecification } from 'maplibre-gl';
import type { Overlay } from '../../map/ground';
import { addMarkerImages, markerImage } from '../tracking/marker-images';
import type { Moment } from './playback';

/** A day: the whole way pale, the way so far strong, the stops, and where somebody is at the moment that is shown. */
export const trackOverlay: Overlay = {
  sources: { 'track-whole': {}, 'track-passed': {}, 'track-stops': {}, 'track-now': {} },
  images: addMarkerImages,
  layers: (palette) => [
    line('track-whole', { color: palette['map-label'], width: 3, opacity: 0.55 }),
    line('track-passed-rim', { color: palette['map-halo'], width: 7, opacity: 0.85 }, 'track-passed'),
    line('track-passed', { color: palette.accent, width: 4, opacity: 0.95 }),
    {
      id: 'track-stops',
      type: 'circle',
      source: 'track-stops',
      paint: {
        'circle-radius': ['case', ['get', 'isOpen'], 11, 8],
        'circle-color': palette['state-still'],
        'circle-stroke-width': 2,
        'circle-stroke-color': palette['map-halo'],
      },
    },
    {
      id: 'track-stop-names',
      type: 'symbol',
      source: 'track-stops',
      layout: {
        'text-field': ['get', 'text'],
        'text-font': ['Loro Medium', 'system-ui', 'sans-serif'],
        'text-size': 12,
        'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
        'text-radial-offset': 1,
      },
      paint: { 'text-color': palette.text, 'text-halo-color': palette['map-halo'], 'text-halo-width': 1.8 },
    },
    {
      id: 'track-now',
      type: 'symbol',
      source: 'track-now',
      layout: {
        'icon-image': ['get', 'icon'],
        'icon-rotate': ['get', 'rotate'],
        'icon-rotation-alignment': 'map',
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
      },
    },
  ],
};

function line(
  id: string,
  { color, width, opacity }: { color: string; width: number; opacity: number },
  source = id,
): LayerSpecification {
  return {
    id,
    type: 'line',
    source,
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': color, 'line-width': width, 'line-opacity': opacity },
  };
}

export const stopPoints = (stops: readonly TrackStop[], openId: string | null): FeatureCollection => ({
  type: 'FeatureCollection',
  features: stops.map(({ id, name, position }, index): Feature => ({
    type: 'Feature',
    properties: { id, text: name ?? `Stop ${index + 1}`, isOpen: id === openId },
    geometry: { type: 'Point', coordinates: [position.lng, position.lat] },
  })),
});

export function nowPoint(moment: Moment | null): FeatureCollection {
  if (!moment) return { type: 'FeatureCollection', features: [] };
  const { lng, lat, heading, isKnown } = moment;
  const kind = isKnown ? (heading === null ? 'still' : 'heading') : 'lost';
  const properties = { icon: markerImage(kind), rotate: kind === 'heading' ? heading : 0 };
  const feature: Feature = { type: 'Feature', properties, geometry: { type: 'Point', coordinates: [lng, lat] } };
  return { type: 'FeatureCollection', features: [feature] };
}
