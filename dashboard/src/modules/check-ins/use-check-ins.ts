import { useEffect, useState, useSyncExternalStore } from 'react';
import { CheckInFeed, type FeedView } from './check-in-feed';

const nothing: FeedView = {
  state: 'loading',
  checkIns: [],
  hasMore: false,
  isReadingMore: false,
  error: null,
  latest: null,
};
const never = () => () => {};

export function useCheckIns(
  branchIds: readonly string[],
  branchId: string | null,
  openOnly: boolean,
): { feed: CheckInFeed | null; view: FeedView } {
  const [feed, setFeed] = useState<CheckInFeed | null>(null);
  const key = branchIds.join();

  useEffect(() => {
    const made = new CheckInFeed({ branchIds: key === '' ? [] : key.split(','), branchId, openOnly });
    setFeed(made);
    return () => {
      made.close();
      setFeed(null);
    };
  }, [key, branchId, openOnly]);

  return { feed, view: useSyncExternalStore(feed?.subscribe ?? never, () => feed?.view ?? nothing) };
}
