import type { Branch } from '@loro/contracts/branches';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Ground } from '../../map/ground';
import { GroundView } from '../../map/ground-view';
import type { FleetStore } from './fleet-store';
import type { LngLat } from '../../map/geo';
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
  const [ground, setGround] = useState<Ground | null>(null);
  const [map, setMap] = useState<LiveMap | null>(null);
  const picked = useRef(onSelect);
  picked.current = onSelect;

  useEffect(() => {
    if (!ground) return;
    const made = new LiveMap(ground, {
      glides: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      onPick: (id) => picked.current(id),
    });
    setMap(made);
    return () => {
      made.remove();
      setMap(null);
    };
  }, [ground]);

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
  }, [ground, branchId]);
  useEffect(() => {
    if (!ground || !isReady || isFitted.current) return;
    ground.fit(places(), { isAnimated: false });
    isFitted.current = true;
  }, [ground, isReady, fleet]);

  useEffect(() => {
    if (!map) return;
    map.select(selectedId, isReady);
  }, [map, selectedId, isReady]);

  return (
    <GroundView
      label="Map of the people"
      ground={ground}
      onGround={setGround}
      all={{
        title: 'Show everybody',
        places: () => {
          map?.letGo();
          return places();
        },
      }}
    />
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
