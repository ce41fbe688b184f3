import { Marker } from 'maplibre-gl';
import type { LngLat } from './geo';
import type { Ground } from './ground';

export type HandleKind = 'place' | 'corner' | 'middle' | 'radius';

/** Something of a drawing that can be taken in hand. */
export interface Handle {
  readonly id: string;
  readonly kind: HandleKind;
  readonly title: string;
  readonly at: LngLat;
}

interface Hands {
  onMove: (id: string, to: LngLat) => void;
  /** Enter, or a click. */
  onPress: (id: string) => void;
  /** Delete, or a click with the right button. */
  onRemove: (id: string) => void;
}

/** Pixels that an arrow key moves a handle, and with Shift. */
const STEP = 10;
const FINE_STEP = 1;
const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The handles of a drawing: buttons on the map, for the mouse, for fingers and for the arrow keys. */
export class Handles {
  private readonly markers = new Map<string, Marker>();
  private draggedId: string | null = null;

  constructor(
    private readonly ground: Ground,
    private readonly hands: Hands,
  ) {}

  show(handles: readonly Handle[]): void {
    const wanted = new Set(handles.map(({ id }) => id));
    for (const [id, marker] of this.markers) {
      if (wanted.has(id)) continue;
      marker.remove();
      this.markers.delete(id);
    }
    for (const handle of handles) {
      const marker = this.markers.get(handle.id) ?? this.make(handle);
      marker.getElement().setAttribute('aria-label', handle.title);
      marker.getElement().title = handle.title;
      // A hand holds it somewhere already.
      if (handle.id !== this.draggedId) marker.setLngLat(handle.at);
    }
  }

  remove(): void {
    for (const marker of this.markers.values()) marker.remove();
    this.markers.clear();
  }

  private make({ id, kind, at }: Handle): Marker {
    const element = document.createElement('button');
    element.type = 'button';
    element.className = `map-handle map-handle-${kind}`;
    const marker = new Marker({
      element,
      draggable: kind !== 'middle',
      // A pin stands on its place, so that it does not cover the middle of a fence there.
      anchor: kind === 'place' ? 'bottom' : 'center',
    })
      .setLngLat(at)
      .addTo(this.ground.map);
    // MapLibre says of its own markers that they are pictures.
    element.removeAttribute('role');
    marker.on('dragstart', () => (this.draggedId = id));
    marker.on('drag', () => this.hands.onMove(id, pointOf(marker)));
    marker.on('dragend', () => {
      this.draggedId = null;
      this.hands.onMove(id, pointOf(marker));
    });
    element.addEventListener('click', (event) => {
      event.stopPropagation();
      this.hands.onPress(id);
    });
    element.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      this.hands.onRemove(id);
    });
    element.addEventListener('keydown', (event) => this.hear(event, id, marker));
    this.markers.set(id, marker);
    return marker;
  }

  private hear(event: KeyboardEvent, id: string, marker: Marker): void {
    const step = steps[event.key];
    if (step) {
      event.preventDefault();
      event.stopPropagation();
      const { map } = this.ground;
      const { x, y } = map.project(marker.getLngLat());
      const by = event.shiftKey ? FINE_STEP : STEP;
      const { lng, lat } = map.unproject([x + step[0] * by, y + step[1] * by]);
      this.hands.onMove(id, { lng, lat });
    }
    if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      this.hands.onRemove(id);
    }
  }
}

function pointOf(marker: Marker): LngLat {
  const { lng, lat } = marker.getLngLat().wrap();
  return { lng, lat };
}
