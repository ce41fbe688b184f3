import type { Branch } from '@loro/contracts/branches';
import { useEffect } from 'react';
import { hub } from '../../app/hub';

/** Follows what reviewers of these branches are told; a refused branch costs its live events and no more. */
export function useReviewStreams(branches: readonly Branch[]): void {
  const ids = branches.map(({ id }) => id).join();
  useEffect(() => {
    if (ids === '') return;
    const subscriptions = ids
      .split(',')
      .flatMap((id) => [hub.checkIns.subscribe('review', id), hub.checkIns.subscribe('records', id)]);
    for (const { ready } of subscriptions) ready.catch(() => undefined);
    return () => {
      for (const subscription of subscriptions) subscription.close();
    };
  }, [ids]);
}
