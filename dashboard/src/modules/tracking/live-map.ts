import type { Branch } from '@loro/contracts/branches';
import type { Feature, FeatureCollection, Point } from 'geojson';
import type { GeoJSONSource } from 'maplibre-gl';
import type { Ground } from '../../map/ground';
import { circle, ringOf } from '../../map/geo';
import { Motion, type Shown } from './motion';
import { fleetOverlay, markerOf } from './overlay';
import type { Person } from './person-state';
import type { Tails } from './tails';
import type { Trail } from './trail';

interface Options {
  glides: boolean;
  onPick: (id: string | null) => void;
}

/** From so many people on, those who would lie on each other are drawn as one circle with their number. */
const CROWD = 120;
/** At this zoom and below they are. */
const CLUSTER_ZOOM = 11;
/** Below it nobody moves by more than a pixel in so long. */
const CROWD_EVERY_MS = 1000;
/** Of a crowd's time, one part of so many may go into moving it. */
const CROWD_SHARE = 6;
/** A frame that takes longer is missed by the eye. */
const SLOW_FRAME_MS = 25;
/** Slow frames so soon after the crowd was drawn are its own. */
const PAINTED_WITHIN_MS = 500;
const TAILS_EVERY_MS = 1000;
/** Who is this much of the view beyond its edge is drawn too. */
const MARGIN = 0.25;
const none: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** The map itself, outside React: what moves sixty times a second must not render sixty times a second. */
export class LiveMap {
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
  private frame = 0;
  private isCrowd = false;
  private nextDrawMs = 0;
  private lastFrameMs = 0;
  private drawnMs = 0;

  constructor(
    private readonly ground: Ground,
    private readonly options: Options,
  ) {
    ground.add(fleetOverlay);
    const { map } = ground;
    map.on('click', ({ point }) => {
      const id = this.personAt(point);
      if (id === null && this.isCrowd) void this.openCluster(point);
      options.onPick(id);
    });
    // What came into view is to be there at once.
    map.on('moveend', () => {
      this.isDirty = true;
      this.nextDrawMs = 0;
    });
    map.on('mousemove', (event) => {
      map.getCanvas().style.cursor = this.personAt(event.point) === null ? '' : 'pointer';
    });
    // Who takes the map in hand must not have it pulled away.
    map.on('dragstart', () => this.letGo());
    this.frame = requestAnimationFrame(this.draw);
  }

  remove(): void {
    cancelAnimationFrame(this.frame);
  }

  setBranches(branches: readonly Branch[]): void {
    this.branches = branches;
    this.drawFences();
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
    this.gather();
  }

  /** A crowd is drawn in circles, and rarely: whoever looks at thousands looks at none of them. */
  private gather(): void {
    const isCrowd = this.motions.size > CROWD;
    const source = this.ground.map.getSource<GeoJSONSource>('people');
    if (isCrowd === this.isCrowd || !source) return;
    this.isCrowd = isCrowd;
    void source.setClusterOptions({ cluster: isCrowd, clusterRadius: 44, clusterMaxZoom: CLUSTER_ZOOM });
  }

  /** Shows whom the page is about; `goes` brings the map there and lets it follow. */
  select(id: string | null, goes: boolean): void {
    this.selectedId = id;
    this.follows = goes && id !== null;
    this.isDirty = true;
    const shown = id === null ? undefined : this.motions.get(id)?.shownAt(performance.now());
    if (!shown || !goes) return;
    this.ground.map.flyTo({
      center: shown,
      zoom: Math.max(this.ground.map.getZoom(), 14),
      speed: 1.6,
      maxDuration: 1800,
    });
  }

  /** Whoever looks elsewhere is not to be pulled back. */
  letGo(): void {
    this.follows = false;
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
    this.ground.map.setPadding({ top: 0, left: 0, right, bottom });
  }

  private readonly draw = (nowMs: number): void => {
    this.frame = requestAnimationFrame(this.draw);
    this.spare(nowMs);
    // The map's worker sets the pace: a frame that it has not digested is not followed by another.
    if (this.isBusy || nowMs < this.nextDrawMs || !(this.isDirty || this.isGliding())) return;
    this.isDirty = false;
    this.isBusy = true;
    this.drawnMs = nowMs;
    this.gather();
    const features = this.inView().flatMap((person) => this.featureOf(person, nowMs));
    const settled = () => {
      this.isBusy = false;
      if (this.isCrowd) this.nextDrawMs = Math.max(this.nextDrawMs, this.paceAfter(performance.now() - nowMs));
    };
    this.ground.setData('people', { type: 'FeatureCollection', features }).then(settled, settled);
    this.drawTails(nowMs);
    this.drawSelected(nowMs);
  };

  /** Where painting the map takes long, as without a graphics card, the page keeps its frames and the crowd waits. */
  private spare(nowMs: number): void {
    const tookMs = nowMs - this.lastFrameMs;
    this.lastFrameMs = nowMs;
    if (!this.isCrowd || tookMs < SLOW_FRAME_MS || nowMs - this.drawnMs > PAINTED_WITHIN_MS) return;
    this.nextDrawMs = Math.max(this.nextDrawMs, nowMs + tookMs * CROWD_SHARE);
  }

  /** When a crowd that took so long is drawn again. */
  private paceAfter(tookMs: number): number {
    return performance.now() + (this.isFar() ? CROWD_EVERY_MS : tookMs * CROWD_SHARE);
  }

  /** Of a crowd, those who can be seen; where they are gathered in circles, all of them count. */
  private inView(): readonly Person[] {
    const { map } = this.ground;
    if (!this.isCrowd || this.isFar()) return this.people;
    const bounds = map.getBounds();
    const across = (bounds.getEast() - bounds.getWest()) * MARGIN;
    const along = (bounds.getNorth() - bounds.getSouth()) * MARGIN;
    return this.people.filter(
      ({ fix }) =>
        fix !== null &&
        fix.lng > bounds.getWest() - across &&
        fix.lng < bounds.getEast() + across &&
        fix.lat > bounds.getSouth() - along &&
        fix.lat < bounds.getNorth() + along,
    );
  }

  private async openCluster({ x, y }: { x: number; y: number }): Promise<void> {
    const { map } = this.ground;
    const [found] = map.queryRenderedFeatures([x, y], { layers: ['people-clusters'] });
    const cluster: unknown = found?.properties['cluster_id'];
    const source = map.getSource<GeoJSONSource>('people');
    if (typeof cluster !== 'number' || !source || found?.geometry.type !== 'Point') return;
    const [lng = 0, lat = 0] = found.geometry.coordinates;
    this.letGo();
    map.easeTo({ center: { lng, lat }, zoom: await source.getClusterExpansionZoom(cluster), duration: 500 });
  }

  private drawTails(nowMs: number): void {
    if (nowMs - this.tailsDrawnMs < TAILS_EVERY_MS) return;
    this.tailsDrawnMs = nowMs;
    // From afar the tails of a crowd are one blot, and by far the most work.
    const people = this.isCrowd && this.isFar() ? [] : this.inView();
    const coordinates = people.flatMap(({ id }) => {
      const motion = id === this.selectedId ? undefined : this.motions.get(id);
      return motion ? (this.tails?.all.get(id)?.linesUpTo(motion.reachedMs) ?? []) : [];
    });
    void this.ground.setData('tails', { type: 'MultiLineString', coordinates });
  }

  private isFar(): boolean {
    return this.ground.map.getZoom() < CLUSTER_ZOOM + 1;
  }

  private isGliding(): boolean {
    for (const motion of this.motions.values()) if (motion.isGliding) return true;
    return false;
  }

  private featureOf(person: Person, nowMs: number): Feature<Point>[] {
    // Who is chosen has a source of his own: no circle may swallow him.
    const shown = person.id === this.selectedId ? undefined : this.motions.get(person.id)?.shownAt(nowMs);
    return shown ? [markerOf(person, shown)] : [];
  }

  private drawSelected(nowMs: number): void {
    const person = this.people.find(({ id }) => id === this.selectedId);
    const motion = person && this.motions.get(person.id);
    const shown = motion?.shownAt(nowMs);
    if (!person?.fix || !motion || !shown) {
      for (const id of ['chosen', 'accuracy', 'trail', 'trail-head']) void this.ground.setData(id, none);
      this.trailKey = '';
      return;
    }
    void this.ground.setData('chosen', markerOf(person, shown));
    const ring = circle(shown, person.fix.accuracy ?? 0);
    const properties = { state: person.state };
    void this.ground.setData('accuracy', {
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
      void this.ground.setData('trail', { type: 'MultiLineString', coordinates: lines });
    }
    const end = lines.at(-1)?.at(-1);
    const head = end ? [end, [shown.lng, shown.lat]] : [];
    void this.ground.setData('trail-head', { type: 'LineString', coordinates: head });
  }

  private keepInView(shown: Shown): void {
    if (this.ground.map.isMoving()) return;
    const { x, y } = this.ground.map.project(shown);
    const { clientWidth, clientHeight } = this.ground.map.getCanvas();
    const { top = 0, right = 0, bottom = 0, left = 0 } = this.ground.map.getPadding();
    const width = clientWidth - left - right;
    const height = clientHeight - top - bottom;
    const isWithin = Math.abs(x - left - width / 2) < width * 0.3 && Math.abs(y - top - height / 2) < height * 0.3;
    if (!isWithin) this.ground.map.easeTo({ center: shown, duration: 900 });
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
    void this.ground.setData('fences', { type: 'FeatureCollection', features: areas });
    void this.ground.setData('fence-names', { type: 'FeatureCollection', features: names });
  }

  private personAt(point: { x: number; y: number }): string | null {
    return this.ground.idAt(point, ['chosen', 'people']);
  }
}
