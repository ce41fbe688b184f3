import { useEffect, useState } from 'react';
import type { FleetStore } from './fleet-store';
import { Tails } from './tails';

export function useTails(fleet: FleetStore | null): Tails | null {
  const [tails, setTails] = useState<Tails | null>(null);

  useEffect(() => {
    if (!fleet) return;
    const made = new Tails(fleet);
    setTails(made);
    return () => {
      made.close();
      setTails(null);
    };
  }, [fleet]);

  return tails;
}
