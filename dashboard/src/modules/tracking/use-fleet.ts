import { useEffect, useState } from 'react';
import { hub } from '../../app/hub';
import { FleetStore } from './fleet-store';
import { OwnFleet } from './own-fleet';
import type { Person } from './person-state';

interface FleetView {
  /** Null until the first effect ran. */
  fleet: FleetStore | null;
  /** As of at most a second ago. */
  people: readonly Person[];
  state: 'loading' | 'ready' | 'failed';
  error: unknown;
}

type LiveFleetView = FleetView & { retry: () => void };

const opening: FleetView = { fleet: null, people: [], state: 'loading', error: null };

/** Everybody of these branches; `isOwn` is for those who may see nobody but themselves. */
export function useFleet(branchIds: readonly string[], isOwn: boolean): LiveFleetView {
  const [round, setRound] = useState(0);
  const [view, setView] = useState<FleetView>(opening);
  const key = branchIds.join();

  useEffect(() => {
    if (key === '' && !isOwn) return;
    const fleet = new FleetStore(isOwn ? new OwnFleet() : hub.tracking.fleet(key.split(',')));
    const show = () =>
      setView((old) =>
        old.fleet === fleet && old.people === fleet.people ? old : { ...old, fleet, people: fleet.people },
      );
    let isCurrent = true;
    setView({ ...opening, fleet });
    fleet.ready.then(
      () => isCurrent && setView({ fleet, people: fleet.people, state: 'ready', error: null }),
      (error: unknown) => isCurrent && setView({ ...opening, fleet, state: 'failed', error }),
    );
    const timer = setInterval(() => {
      fleet.tick();
      show();
    }, 1000);
    return () => {
      isCurrent = false;
      clearInterval(timer);
      fleet.close();
    };
  }, [key, isOwn, round]);

  return { ...view, retry: () => setRound((count) => count + 1) };
}
