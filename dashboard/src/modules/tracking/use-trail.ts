import { useEffect, useState } from 'react';
import { toastProblem } from '../../app/problem';
import { hubNow } from '../../ui/use-now';
import type { FleetStore } from './fleet-store';
import { readTrail } from './track';
import type { Trail } from './trail';

const WINDOW_MS = 2 * 3_600_000;

/** The last two hours of one person, and on from there; null while it is read. */
export function useTrail(fleet: FleetStore | null, trackableId: string | null): Trail | null {
  const [found, setFound] = useState<{ id: string; trail: Trail } | null>(null);

  useEffect(() => {
    if (!fleet || trackableId === null) return;
    let isCurrent = true;
    let off: (() => void) | undefined;
    readTrail(trackableId, hubNow() - WINDOW_MS).then(
      (trail) => {
        if (!isCurrent) return;
        const extend = () => {
          const fix = fleet.person(trackableId)?.fix;
          if (fix) trail.extend(fix);
        };
        extend();
        off = fleet.onMoved(extend);
        setFound({ id: trackableId, trail });
      },
      (error: unknown) => isCurrent && toastProblem(error),
    );
    return () => {
      isCurrent = false;
      off?.();
    };
  }, [fleet, trackableId]);

  return found !== null && found.id === trackableId ? found.trail : null;
}
