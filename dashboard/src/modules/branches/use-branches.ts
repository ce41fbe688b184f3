import type { Branch } from '@loro/contracts/branches';
import { useEffect, useState } from 'react';
import { hub } from '../../app/hub';
import { setQuery, useRoute } from '../../app/routes';
import { type Request, useRequest } from '../../app/use-request';

/** The branches that the signed-in person may see, kept up to date. */
export function useBranches(): Request<readonly Branch[]> {
  const request = useRequest('branches', readAll);
  const [changed, setChanged] = useState<ReadonlyMap<string, Branch>>(new Map());
  const ids = request.state === 'ready' ? request.data.map(({ id }) => id).join() : '';

  useEffect(() => {
    if (ids === '') return;
    const keep = (branch: Branch) => setChanged((old) => new Map(old).set(branch.id, branch));
    const offs = [
      hub.branches.on('branch:updated', keep),
      hub.branches.on('branch:created', keep),
      hub.branches.on('branch:status-changed', keep),
      hub.branches.on('branch:moved', keep),
    ];
    const subscriptions = ids.split(',').map((id) => hub.branches.subscribe('notices', id));
    // A refused stream costs the live update of a fence; the list itself stands.
    for (const { ready } of subscriptions) ready.catch(() => undefined);
    return () => {
      for (const off of offs) off();
      for (const subscription of subscriptions) subscription.close();
    };
  }, [ids]);

  if (request.state !== 'ready') return request;
  return { ...request, data: merge(request.data, changed) };
}

/** The branch that the page looks at, out of the address; null stands for all. */
export function useSelectedBranch(branches: readonly Branch[]): [string | null, (id: string | null) => void] {
  const id = useRoute().query.get('branch');
  const isKnown = branches.some((branch) => branch.id === id);
  return [isKnown ? id : null, (next) => setQuery('branch', next)];
}

async function readAll(): Promise<Branch[]> {
  const branches: Branch[] = [];
  for await (const { data } of hub.branches.pages('list', { limit: 200 })) branches.push(...data);
  return branches;
}

function merge(branches: readonly Branch[], changed: ReadonlyMap<string, Branch>): readonly Branch[] {
  if (changed.size === 0) return branches;
  const known = new Set(branches.map(({ id }) => id));
  const newer = (branch: Branch): Branch => {
    const other = changed.get(branch.id);
    return other && other.version > branch.version ? other : branch;
  };
  return [...branches.map(newer), ...[...changed.values()].filter(({ id }) => !known.has(id))];
}
