import type { Fence } from '@loro/contracts/branches';
import { useEffect, useRef, useState } from 'react';
import type { LngLat } from './geo';
import type { Ground } from './ground';
import { GroundView } from './ground-view';
import { Handles } from './handles';
import { areaOf, placeOf, pointsOf, type Shape, shapeOverlay } from './shape-overlay';
import { cut, handlesOf, isOutline, middleOf, moved, pressed } from './fence-draft';

/** Where something is to be, while that is being changed. */
export interface PlaceDraft {
  readonly position: LngLat | null;
  readonly fence: Fence | null;
}

interface ShapesMapProps {
  /** What a screen reader calls the map. */
  label: string;
  /** What the button says that shows all of them. */
  allTitle: string;
  shapes: readonly Shape[];
  openId: string | null;
  /** Null while nothing is changed. */
  draft: PlaceDraft | null;
  onDraft: (draft: PlaceDraft) => void;
  onPick: (id: string) => void;
}

/** Places and fences where they are; those of one of them can be taken in hand. */
export function ShapesMap({ label, allTitle, shapes, openId, draft, onDraft, onPick }: ShapesMapProps) {
  const [ground, setGround] = useState<Ground | null>(null);
  const latest = useRef({ draft, onDraft, onPick });
  latest.current = { draft, onDraft, onPick };
  const handles = useHandles(ground, latest);

  useEffect(() => {
    if (!ground) return;
    ground.add(shapeOverlay);
    ground.map.on('click', ({ point }) => {
      const id = ground.idAt(point, ['shape-points', 'shape-names']);
      // Who is drawing does not want to be led away.
      if (id !== null && latest.current.draft === null) latest.current.onPick(id);
    });
    ground.map.on('mousemove', ({ point }) => {
      ground.map.getCanvas().style.cursor = ground.idAt(point, ['shape-points']) === null ? '' : 'pointer';
    });
  }, [ground]);

  useEffect(() => {
    if (!ground) return;
    const others = draft === null ? shapes : shapes.filter(({ id }) => id !== openId);
    void ground.setData('shape-points', pointsOf(others, openId));
    const features = others.flatMap(({ fence }) => (fence ? [areaOf(fence)] : []));
    void ground.setData('shape-fences', { type: 'FeatureCollection', features });
  }, [ground, shapes, openId, draft === null]);

  useEffect(() => {
    if (!ground) return;
    const features = draft?.fence ? [areaOf(draft.fence)] : [];
    void ground.setData('shape-draft', { type: 'FeatureCollection', features });
    const place = draft?.position;
    const pin = place ? [{ id: 'place', kind: 'place', title: 'The place', at: place } as const] : [];
    handles?.show([...pin, ...handlesOf(draft?.fence ?? null)]);
  }, [ground, handles, draft]);

  const open = shapes.find(({ id }) => id === openId);
  const isKnown = shapes.length > 0;
  useEffect(() => {
    if (!ground || !isKnown) return;
    ground.fit(open ? edgesOf(open) : shapes.flatMap(edgesOf), { isAnimated: openId !== null, maxZoom: 16 });
    // What changes meanwhile must not pull the map away.
  }, [ground, openId, isKnown]);

  return (
    <div className="shapes-map">
      <GroundView
        label={label}
        ground={ground}
        onGround={setGround}
        all={{ title: allTitle, places: () => shapes.flatMap(edgesOf) }}
      />
    </div>
  );
}

type Latest = { readonly current: Pick<ShapesMapProps, 'draft' | 'onDraft'> };

function useHandles(ground: Ground | null, latest: Latest): Handles | null {
  const [handles, setHandles] = useState<Handles | null>(null);
  useEffect(() => {
    if (!ground) return;
    const change = (next: (draft: PlaceDraft & { fence: Fence }) => Fence) => {
      const { draft, onDraft } = latest.current;
      if (draft?.fence) onDraft({ ...draft, fence: next({ ...draft, fence: draft.fence }) });
    };
    const made = new Handles(ground, {
      onMove: (id, to) => {
        const { draft, onDraft } = latest.current;
        if (draft && id === 'place') onDraft({ ...draft, position: to });
        if (id !== 'place') change(({ fence }) => moved(fence, id, to));
      },
      onPress: (id) => change(({ fence }) => pressed(fence, id)),
      onRemove: (id) => change(({ fence }) => cut(fence, id)),
    });
    setHandles(made);
    return () => {
      made.remove();
      setHandles(null);
    };
  }, [ground, latest]);
  return handles;
}

/** What of a shape is to be seen. */
function edgesOf(shape: Shape): readonly LngLat[] {
  const { fence } = shape;
  const place = placeOf(shape);
  if (!fence || !place) return place ? [place] : [];
  if (isOutline(fence)) return fence.corners;
  const { lat, lng } = middleOf(fence);
  const reach = fence.radiusM / 111_320;
  const across = reach / Math.max(0.05, Math.cos((lat * Math.PI) / 180));
  return [
    { lat: lat - reach, lng: lng - across },
    { lat: lat + reach, lng: lng + across },
  ];
}
