import { useEffect, useState, useSyncExternalStore } from 'react';
import { useMe } from '../../app/session';
import { noRuns, RunsStore, type RunsView } from './runs-store';

const never = () => () => {};

export function useRuns(): { store: RunsStore | null; view: RunsView } {
  const { user } = useMe();
  const [store, setStore] = useState<RunsStore | null>(null);

  useEffect(() => {
    const made = new RunsStore(user.id);
    setStore(made);
    return () => {
      made.close();
      setStore(null);
    };
  }, [user.id]);

  return { store, view: useSyncExternalStore(store?.subscribe ?? never, () => store?.view ?? noRuns) };
}
