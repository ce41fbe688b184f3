import type { Branch } from '@loro/contracts/branches';
import type { Feature, FeatureCollection, Point } from 'geojson';
import {
  AttributionControl,
  type GeoJSONSource,
  LngLatBounds,
  Map as MapLibre,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import type { Theme } from '../../app/theme';
import { Atlas } from './atlas';
import { baseLayers, baseStyle } from './base-style';
import { circle, type LngLat, ringOf } from './geo';
import { addMarkerImages } from './marker-images';
import { Motion, type Shown } from './motion';
import { addOverlay, iconOf, overlayLayers, repaint } from './overlay';
import { readPalette } from './palette';
import type { Person } from './person-state';
import type { Tails } from './tails';
import type { Trail } from './trail';

setWorkerUrl(new URL(workerUrl, window.location.href).href);

interface Options {
  container: HTMLElement;
  theme: Theme;
  /** A style of the hub's owner, for streets; null draws the map from this page alone. */
  styleUrl: string | null;
  glides: boolean;
  onPick: (id: string | null) => void;
}

const MOST_SMOOTH = 300;
const TAILS_EVERY_MS = 1000;
const none: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** The map itself, outside React: what moves sixty times a second must not render sixty times a second. */
export class LiveMap {
  private readonly map: MapLibre;
  private atlas: Atlas | null = null;
  private readonly motions = new Map<string, Motion>();
  private people: readonly Person[] = [];
  private branches: readonly Branch[] = [];
  private trail: Trail | null = null;
  private trailKey = '';
  private tails: Tails | null = null;
  private tailsDrawnMs = 0;
  private selectedId: string | null = null;
  private follows = false;
  private isDirty = true;
  private isBusy = false;
  private isReady = false;
  private frame = 0;
  private skipped = 0;

  constructor(private readonly options: Options) {
    const { container, styleUrl, theme, onPick } = options;
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
      fadeDuration: 150,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new ScaleControl({ maxWidth: 96 }), 'bottom-left');
    this.map.addControl(new AttributionControl({ compact: false }), 'bottom-right');
    this.map.getCanvas().setAttribute('aria-label', 'Map of the people. Arrow keys move it, plus and minus zoom.');
    this.map.once('style.load', () => this.begin());
    this.map.on('click', (event) => onPick(this.personAt(event.point)));
    this.map.on('mousemove', (event) => {
      this.map.getCanvas().style.cursor = this.personAt(event.point) === null ? '' : 'pointer';
    });
    // Who takes the map in hand must not have it pulled away.
    this.map.on('dragstart', () => (this.follows = false));
  }

  remove(): void {
    cancelAnimationFrame(this.frame);
    this.atlas?.close();
    this.map.remove();
  }

  setTheme(theme: Theme): void {
    this.options.theme = theme;
    if (!this.isReady) return;
    const palette = readPalette(theme);
    addMarkerImages(this.map, palette);
    if (this.atlas) repaint(this.map, baseLayers(palette));
    repaint(this.map, overlayLayers(palette));
  }

  setBranches(branches: readonly Branch[]): void {
    this.branches = branches;
    if (this.isReady) this.drawFences();
  }

  /** Who there is and in which state; new fixes among them start to glide. */
  setPeople(people: readonly Person[]): void {
    const nowMs = performance.now();
    this.people = people;
    const here = new Set<string>();
    for (const { id, fix } of people) {
      if (!fix) continue;
      here.add(id);
      const waypoint = { lng: fix.lng, lat: fix.lat, atMs: fix.at };
      const motion = this.motions.get(id);
      if (motion) motion.moveTo(waypoint, fix.heading, nowMs, this.options.glides);
      if (!motion) this.motions.set(id, new Motion(waypoint, fix.heading));
    }
    for (const id of this.motions.keys()) if (!here.has(id)) this.motions.delete(id);
    this.isDirty = true;
  }

  /** Shows whom the page is about; `goes` brings the map there and lets it follow. */
  select(id: string | null, goes: boolean): void {
    this.selectedId = id;
    this.follows = goes && id !== null;
    this.isDirty = true;
    const shown = id === null ? undefined : this.motions.get(id)?.shownAt(performance.now());
    if (!shown || !goes) return;
    this.map.flyTo({ center: shown, zoom: Math.max(this.map.getZoom(), 14), speed: 1.6, maxDuration: 1800 });
  }

  setTrail(trail: Trail | null): void {
    this.trail = trail;
    this.trailKey = '';
    this.isDirty = true;
  }

  setTails(tails: Tails | null): void {
    this.tails = tails;
  }

  /** What panels cover; the middle of the map is the middle of the rest. */
  setCovered({ right, bottom }: { right: number; bottom: number }): void {
    this.map.setPadding({ top: 0, left: 0, right, bottom });
  }

  zoomBy(step: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + step, duration: 200 });
  }

  fit(points: readonly LngLat[], isAnimated = true): void {
    const [first] = points;
    if (!first) return;
    this.follows = false;
    const bounds = points.reduce((box, point) => box.extend(point), new LngLatBounds(first, first));
    // Names need room beside the outermost markers.
    const isWide = this.map.getCanvas().clientWidth > 700;
    const padding = { top: 64, right: isWide ? 128 : 72, bottom: 72, left: isWide ? 128 : 72 };
    this.map.fitBounds(bounds, { padding, maxZoom: 15, animate: isAnimated, duration: 700 });
  }

  private begin(): void {
    this.isReady = true;
    if (this.options.styleUrl === null) this.atlas = new Atlas(this.map);
    addOverlay(this.map, readPalette(this.options.theme));
    this.drawFences();
    this.frame = requestAnimationFrame(this.draw);
  }

  private readonly draw = (nowMs: number): void => {
    this.frame = requestAnimationFrame(this.draw);
    // The map's worker sets the pace: a frame that it has not digested is not followed by another.
    if (this.isBusy || !(this.isDirty || this.isGliding())) return;
    // A big crowd moves at a third of the frames; at its zoom nobody can tell.
    if (!this.isDirty && this.motions.size > MOST_SMOOTH && this.skipped++ % 3 !== 0) return;
    this.isDirty = false;
    this.isBusy = true;
    const features = this.people.flatMap((person) => this.featureOf(person, nowMs));
    const settled = () => (this.isBusy = false);
    this.source('people')?.setData({ type: 'FeatureCollection', features }).then(settled, settled);
    this.drawTails(nowMs);
    this.drawSelected(nowMs);
  };

  private drawTails(nowMs: number): void {
    if (nowMs - this.tailsDrawnMs < TAILS_EVERY_MS) return;
    this.tailsDrawnMs = nowMs;
    const coordinates = [...(this.tails?.all ?? [])].flatMap(([id, trail]) => {
      const motion = this.motions.get(id);
      return motion && id !== this.selectedId ? trail.linesUpTo(motion.reachedMs) : [];
    });
    void this.source('tails')?.setData({ type: 'MultiLineString', coordinates });
  }

  private isGliding(): boolean {
    for (const motion of this.motions.values()) if (motion.isGliding) return true;
    return false;
  }

  private featureOf(person: Person, nowMs: number): Feature<Point>[] {
    const shown = this.motions.get(person.id)?.shownAt(nowMs);
    if (!shown) return [];
    const isSelected = person.id === this.selectedId;
    const { id, name, state } = person;
    const properties = { id, name, state, isSelected, rank: ranks[state], ...iconOf(state, shown.heading) };
    return [{ type: 'Feature', properties, geometry: { type: 'Point', coordinates: [shown.lng, shown.lat] } }];
  }

  private drawSelected(nowMs: number): void {
    const person = this.people.find(({ id }) => id === this.selectedId);
    const motion = person && this.motions.get(person.id);
    const shown = motion?.shownAt(nowMs);
    if (!person?.fix || !motion || !shown) {
      for (const id of ['accuracy', 'trail', 'trail-head']) void this.source(id)?.setData(none);
      this.trailKey = '';
      return;
    }
    const ring = circle(shown, person.fix.accuracy ?? 0);
    const properties = { state: person.state };
    void this.source('accuracy')?.setData({
      type: 'Feature',
      properties,
      geometry: { type: 'Polygon', coordinates: [ring] },
    });
    this.drawTrail(motion, shown);
    if (this.follows) this.keepInView(shown);
  }

  /** The settled part is redrawn when it grows, the last leg with every frame. */
  private drawTrail(motion: Motion, shown: Shown): void {
    const lines = this.trail?.linesUpTo(motion.reachedMs) ?? [];
    const key = `${lines.length}:${lines.at(-1)?.length ?? 0}`;
    if (key !== this.trailKey) {
      this.trailKey = key;
      void this.source('trail')?.setData({ type: 'MultiLineString', coordinates: lines });
    }
    const end = lines.at(-1)?.at(-1);
    const head = end ? [end, [shown.lng, shown.lat]] : [];
    void this.source('trail-head')?.setData({ type: 'LineString', coordinates: head });
  }

  private keepInView(shown: Shown): void {
    if (this.map.isMoving()) return;
    const { x, y } = this.map.project(shown);
    const { clientWidth, clientHeight } = this.map.getCanvas();
    const { top = 0, right = 0, bottom = 0, left = 0 } = this.map.getPadding();
    const width = clientWidth - left - right;
    const height = clientHeight - top - bottom;
    const isWithin = Math.abs(x - left - width / 2) < width * 0.3 && Math.abs(y - top - height / 2) < height * 0.3;
    if (!isWithin) this.map.easeTo({ center: shown, duration: 900 });
  }

  private drawFences(): void {
    const fenced = this.branches.flatMap(({ name, fence }) => (fence ? [{ name, ring: ringOf(fence) }] : []));
    const areas = fenced.map(({ name, ring }): Feature => {
      return { type: 'Feature', properties: { name }, geometry: { type: 'Polygon', coordinates: [ring] } };
    });
    const names = fenced.flatMap(({ name, ring }): Feature[] => {
      // At its southern end, where people gather less.
      const [south] = ring.toSorted((a, b) => (a[1] ?? 0) - (b[1] ?? 0));
      return south ? [{ type: 'Feature', properties: { name }, geometry: { type: 'Point', coordinates: south } }] : [];
    });
    void this.source('fences')?.setData({ type: 'FeatureCollection', features: areas });
    void this.source('fence-names')?.setData({ type: 'FeatureCollection', features: names });
  }

  private personAt({ x, y }: { x: number; y: number }): string | null {
    if (!this.isReady) return null;
    const reach = matchMedia('(pointer: coarse)').matches ? 18 : 6;
    const found = this.map.queryRenderedFeatures(
      [
        [x - reach, y - reach],
        [x + reach, y + reach],
      ],
      { layers: ['people'] },
    );
    const id: unknown = found[0]?.properties.id;
    return typeof id === 'string' ? id : null;
  }

  private source(id: string): GeoJSONSource | undefined {
    return this.map.getSource<GeoJSONSource>(id);
  }
}

/** Whose name wins where two collide. */
const ranks = { moving: 0, late: 1, still: 2, lost: 3, unseen: 4 } as const;
