import type { Feature, GeoJSON, Geometry, Point } from 'geojson';
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl';
import finestUrl from 'world-atlas/countries-10m.json?url';
import worldUrl from 'world-atlas/countries-50m.json?url';
import type { AtlasAnswer, AtlasRequest, CountryLabel } from './atlas-messages';
import { NEAR_ZOOM } from './base-style';
import { contains } from './clip';
import { type Box, graticule } from './graticule';

/**
 * Brings land and borders to the map. The finest land of the whole earth is 400,000 points, which would hold up the page
 * and every redraw; a worker cuts out the neighbourhood of the view instead.
 */
export class Atlas {
  private readonly worker = new Worker(new URL('./atlas.worker.ts', import.meta.url), { type: 'module' });
  private window: Box | null = null;
  private wanted: Box | null = null;
  private readonly onMove = () => this.follow();

  constructor(private readonly map: MapLibre) {
    this.worker.addEventListener('message', (event: MessageEvent<AtlasAnswer>) => this.take(event.data));
    this.ask({ want: 'world', url: asset(worldUrl) });
    map.on('moveend', this.onMove);
    map.on('move', this.choose);
    this.follow();
  }

  close(): void {
    this.worker.terminate();
    this.map.off('moveend', this.onMove);
    this.map.off('move', this.choose);
  }

  private follow(): void {
    const view = viewOf(this.map);
    this.set('grid', graticule(view));
    if (this.map.getZoom() < NEAR_ZOOM) return;
    if ([this.window, this.wanted].some((box) => box && contains(box, view))) return;
    this.wanted = around(view);
    this.ask({ want: 'near', url: asset(finestUrl), window: this.wanted });
  }

  private take(answer: AtlasAnswer): void {
    if (answer.got === 'nothing') {
      if (answer.want === 'near') this.wanted = null;
      return;
    }
    this.set(answer.got, answer.land);
    this.set(`${answer.got}-borders`, answer.borders);
    if (answer.got === 'world')
      return this.set('countries', { type: 'FeatureCollection', features: answer.labels.map(point) });
    this.window = answer.window;
    this.choose();
  }

  /** Coarse land would peep out from under the fine one, so only one of the two is ever on the map. */
  private readonly choose = (): void => {
    const isNear = this.map.getZoom() >= NEAR_ZOOM && this.window !== null && contains(this.window, viewOf(this.map));
    for (const [source, isShown] of [
      ['near', isNear],
      ['world', !isNear],
    ] as const) {
      const visibility = isShown ? 'visible' : 'none';
      for (const layer of [`${source}-land`, `${source}-coast`, `${source}-borders`]) {
        if (this.map.getLayoutProperty(layer, 'visibility') !== visibility)
          this.map.setLayoutProperty(layer, 'visibility', visibility);
      }
    }
  };

  private ask(request: AtlasRequest): void {
    this.worker.postMessage(request);
  }

  private set(source: string, data: GeoJSON | Geometry): void {
    void this.map.getSource<GeoJSONSource>(source)?.setData(data);
  }
}

// A worker resolves addresses against its own script.
const asset = (url: string): string => new URL(url, window.location.href).href;

function viewOf(map: MapLibre): Box {
  const bounds = map.getBounds();
  return { west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth() };
}

function around({ west, south, east, north }: Box): Box {
  const lng = Math.max(east - west, 1);
  const lat = Math.max(north - south, 1);
  return { west: west - lng, south: south - lat, east: east + lng, north: north + lat };
}

const point = ({ name, area, lng, lat }: CountryLabel): Feature<Point> => ({
  type: 'Feature',
  properties: { name, area },
  geometry: { type: 'Point', coordinates: [lng, lat] },
});
