import type { GeoJSON } from 'geojson';
import {
  AttributionControl,
  type GeoJSONSource,
  type LayerSpecification,
  LngLatBounds,
  Map as MapLibre,
  ScaleControl,
  setWorkerUrl,
  type SourceSpecification,
} from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import type { Theme } from '../app/theme';
import { Atlas } from './atlas';
import { baseLayers, baseStyle } from './base-style';
import type { LngLat } from './geo';
import { type Palette, readPalette } from './palette';

setWorkerUrl(new URL(workerUrl, window.location.href).href);

interface GroundOptions {
  container: HTMLElement;
  theme: Theme;
  /** A style of the hub's owner, for streets; null draws the map from this page alone. */
  styleUrl: string | null;
  /** What a screen reader calls it. */
  label: string;
}

/** What lies on the ground: sources, and layers in the colours of a theme, lowest first. */
export interface Overlay {
  readonly sources: Readonly<Record<string, Partial<Extract<SourceSpecification, { type: 'geojson' }>>>>;
  readonly layers: (palette: Palette) => readonly LayerSpecification[];
  /** Draws the pictures that the layers name; again for another theme. */
  readonly images?: (map: MapLibre, palette: Palette) => void;
}

const empty: GeoJSON = { type: 'FeatureCollection', features: [] };

/** Land, borders and a grid, in the colours of the page, for whatever lies on them. */
export class Ground {
  readonly map: MapLibre;
  private atlas: Atlas | null = null;
  private isReady = false;
  private readonly overlays: Overlay[] = [];
  /** Data that came before its source. */
  private readonly early = new Map<string, GeoJSON>();

  constructor(private readonly options: GroundOptions) {
    const { container, styleUrl, theme, label } = options;
    this.map = new MapLibre({
      container,
      style: styleUrl ?? baseStyle(readPalette(theme)),
      center: [12, 40],
      zoom: 2.5,
      minZoom: 1,
      maxZoom: 19,
      attributionControl: false,
      pitchWithRotate: false,
      dragRotate: false,
      // Names that fade in would repaint the whole map with every frame for as long.
      fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new ScaleControl({ maxWidth: 96 }), 'bottom-left');
    this.map.addControl(new AttributionControl({ compact: false }), 'bottom-right');
    this.map.getCanvas().setAttribute('aria-label', `${label}. Arrow keys move it, plus and minus zoom.`);
    this.map.once('style.load', () => {
      this.isReady = true;
      if (styleUrl === null) this.atlas = new Atlas(this.map);
      for (const overlay of this.overlays) this.lay(overlay);
    });
  }

  remove(): void {
    this.atlas?.close();
    this.map.remove();
  }

  add(overlay: Overlay): void {
    this.overlays.push(overlay);
    if (this.isReady) this.lay(overlay);
  }

  /** Settles when the map's worker has digested it. */
  async setData(source: string, data: GeoJSON): Promise<void> {
    const found = this.map.getSource<GeoJSONSource>(source);
    if (!found) this.early.set(source, data);
    await found?.setData(data);
  }

  /** What lies under a point of the canvas, of these layers; nothing before they are there. */
  idAt({ x, y }: { x: number; y: number }, layers: readonly string[]): string | null {
    const known = layers.filter((id) => this.map.getLayer(id));
    if (known.length === 0) return null;
    const reach = matchMedia('(pointer: coarse)').matches ? 18 : 6;
    const found = this.map.queryRenderedFeatures(
      [
        [x - reach, y - reach],
        [x + reach, y + reach],
      ],
      { layers: known },
    );
    const id: unknown = found[0]?.properties['id'];
    return typeof id === 'string' ? id : null;
  }

  setTheme(theme: Theme): void {
    if (theme === this.options.theme) return;
    this.options.theme = theme;
    if (!this.isReady) return;
    const palette = readPalette(theme);
    if (this.atlas) this.repaint(baseLayers(palette));
    for (const { images, layers } of this.overlays) {
      images?.(this.map, palette);
      this.repaint(layers(palette));
    }
  }

  fit(points: readonly LngLat[], { isAnimated = true, maxZoom = 15 } = {}): void {
    const [first] = points;
    if (!first) return;
    const bounds = points.reduce((box, point) => box.extend(point), new LngLatBounds(first, first));
    const { clientWidth, clientHeight } = this.map.getCanvas();
    // Names need room beside the outermost markers.
    const beside = clientWidth > 700 ? 128 : Math.min(72, clientWidth / 6);
    const above = Math.min(68, clientHeight / 6);
    const padding = { top: above, right: beside, bottom: above, left: beside };
    this.map.fitBounds(bounds, { padding, maxZoom, animate: isAnimated, duration: 700 });
  }

  zoomBy(step: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + step, duration: 200 });
  }

  private lay({ sources, layers, images }: Overlay): void {
    const palette = readPalette(this.options.theme);
    images?.(this.map, palette);
    for (const [id, source] of Object.entries(sources)) {
      this.map.addSource(id, { type: 'geojson', data: this.early.get(id) ?? empty, ...source });
      this.early.delete(id);
    }
    for (const layer of layers(palette)) this.map.addLayer(layer);
  }

  private repaint(layers: readonly LayerSpecification[]): void {
    for (const { id, paint } of layers) {
      for (const [name, value] of Object.entries(paint ?? {})) {
        // Names and values come from the layers themselves, where they are checked as pairs.
        this.map.setPaintProperty(id, name as Parameters<MapLibre['setPaintProperty']>[1], value);
      }
    }
  }
}
