import type { Branch } from '@loro/contracts/branches';
import type { Geofence } from '@loro/contracts/branches-geofences';
import { useState } from 'react';
import { Link } from '../../app/routes';
import { Button } from '../../ui/button';
import { SelectField, TextField } from '../../ui/field';
import { formatDistance } from '../../ui/format';
import { Empty, Panel } from '../../ui/panel';

interface FenceListProps {
  fences: readonly Geofence[];
  branches: readonly Branch[];
  openId: string | null;
}

const BATCH = 50;

export function FenceList({ fences, branches, openId }: FenceListProps) {
  const [search, setSearch] = useState('');
  const [branchId, setBranch] = useState('');
  const [shown, setShown] = useState(BATCH);
  const needle = search.trim().toLocaleLowerCase();
  const found = fences.filter(
    (fence) => fence.name.toLocaleLowerCase().includes(needle) && (branchId === '' || fence.branchId === branchId),
  );
  return (
    <Panel title="All fences" flush>
      <div className="paged-tools">
        <TextField label="Search" type="search" value={search} onChange={(event) => setSearch(event.target.value)} />
        {branches.length > 1 && (
          <SelectField label="Branch" value={branchId} onChange={(event) => setBranch(event.target.value)}>
            <option value="">All branches</option>
            {branches.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
      </div>
      {found.length === 0 && (
        <Empty icon="target" title={fences.length === 0 ? 'No fences yet' : 'No fence is called that'}>
          {fences.length === 0
            ? 'Branches have a fence each; others are drawn here.'
            : 'Search for another name, or look at all branches.'}
        </Empty>
      )}
      <ul className="row-list">
        {found.slice(0, shown).map((fence) => (
          <li key={fence.id}>
            <Link className="row" href={`/fences/${fence.id}`} aria-current={fence.id === openId ? 'true' : undefined}>
              <span className="row-text">
                <span className="truncate">{fence.name}</span>
                <span className="small muted truncate">
                  {[sizeOf(fence), branches.find(({ id }) => id === fence.branchId)?.name, ruleOf(fence)]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {found.length > shown && (
        <div className="page-turn">
          <Button onClick={() => setShown(shown + BATCH)}>Show more: {found.length - shown} left</Button>
        </div>
      )}
    </Panel>
  );
}

export const sizeOf = ({ shape }: Geofence): string =>
  shape.kind === 'circle' ? `circle of ${formatDistance(shape.radiusM)}` : `${shape.corners.length} corners`;

function ruleOf({ speedLimitKmh, dwellMinutes }: Geofence): string {
  return [speedLimitKmh !== null && `${speedLimitKmh} km/h`, dwellMinutes !== null && `told after ${dwellMinutes} min`]
    .filter(Boolean)
    .join(', ');
}
