import type { Branch } from '@loro/contracts/branches';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useSession } from '../../app/session';
import { useTheme } from '../../app/theme';
import { IconButton } from '../../ui/button';
import type { FleetStore } from './fleet-store';
import type { LngLat } from './geo';
import { LiveMap } from './live-map';
import type { Person } from './person-state';
import type { Tails } from './tails';
import type { Trail } from './trail';

interface MapViewProps {
  fleet: FleetStore | null;
  isReady: boolean;
  branches: readonly Branch[];
  branchId: string | null;
  selectedId: string | null;
  shows: (person: Person) => boolean;
  trail: Trail | null;
  tails: Tails | null;
  onSelect: (id: string | null) => void;
}

export function MapView(props: MapViewProps) {
  const { fleet, isReady, branches, branchId, selectedId, shows, trail, tails, onSelect } = props;
  const { about } = useSession();
  const theme = useTheme();
  const container = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<LiveMap | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const picked = useRef(onSelect);
  picked.current = onSelect;
  const styleUrl = about?.mapStyleUrl ?? null;

  useEffect(() => {
    if (!container.current) return;
    const made = tryMap(
      () =>
        new LiveMap({
          container: container.current as HTMLElement,
          theme,
          styleUrl,
          glides: !matchMedia('(prefers-reduced-motion: reduce)').matches,
          onPick: (id) => picked.current(id),
        }),
    );
    if (typeof made === 'string') return setFailure(made);
    setMap(made);
    return () => {
      made.remove();
      setMap(null);
    };
    // A new theme repaints the map below; only another style needs another map.
  }, [styleUrl]);

  useEffect(() => map?.setTheme(theme), [map, theme]);
  useEffect(() => map?.setBranches(branches), [map, branches]);
  useEffect(() => map?.setTrail(trail), [map, trail]);
  useEffect(() => map?.setTails(tails), [map, tails]);
  const isPhone = useIsPhone();
  useEffect(() => map?.setCovered(coveredBy(isPhone, selectedId !== null)), [map, isPhone, selectedId]);

  useEffect(() => {
    if (!map || !fleet) return;
    const show = () => map.setPeople(fleet.people.filter(shows));
    show();
    return fleet.onMoved(show);
  }, [map, fleet, shows]);

  const places = (): LngLat[] => {
    const people = fleet?.people.filter(shows) ?? [];
    // Who is lost since yesterday must not stretch the view of today.
    const reporting = people.filter(({ state }) => state !== 'lost');
    const fixes = (reporting.length > 0 ? reporting : people).flatMap(({ fix }) => (fix ? [fix] : []));
    const fences = branches.flatMap(({ id, fence }) =>
      fence && (branchId === null || id === branchId) ? ('corners' in fence ? fence.corners : [fence.center]) : [],
    );
    return [...fixes, ...fences];
  };

  const isFitted = useRef(false);
  useEffect(() => {
    isFitted.current = false;
  }, [map, branchId]);
  useEffect(() => {
    if (!map || !isReady || isFitted.current) return;
    map.fit(places(), false);
    isFitted.current = true;
  }, [map, isReady, fleet]);

  useEffect(() => {
    if (!map) return;
    map.select(selectedId, isReady);
  }, [map, selectedId, isReady]);

  return (
    <div className="map">
      <div className="map-canvas" ref={container} />
      {failure !== null && <p className="map-failure">The map cannot be drawn in this browser: {failure}</p>}
      <div className="map-controls" role="group" aria-label="Map">
        <IconButton icon="plus" label="Zoom in" onClick={() => map?.zoomBy(1)} />
        <IconButton icon="minus" label="Zoom out" onClick={() => map?.zoomBy(-1)} />
        <IconButton icon="target" label="Show everybody" onClick={() => map?.fit(places())} />
      </div>
    </div>
  );
}

const PHONE = matchMedia('(max-width: 719px)');

const useIsPhone = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      PHONE.addEventListener('change', listener);
      return () => PHONE.removeEventListener('change', listener);
    },
    () => PHONE.matches,
  );

/** How much of the map lies below other things, in pixels, as map-page.css has it. */
function coveredBy(isPhone: boolean, hasDetails: boolean): { right: number; bottom: number } {
  if (isPhone) return { right: 0, bottom: hasDetails ? window.innerHeight * 0.4 : 128 };
  return { right: hasDetails ? 324 : 0, bottom: 0 };
}

/** Without WebGL there is no map, but the list beside it still works. */
function tryMap(make: () => LiveMap): LiveMap | string {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
