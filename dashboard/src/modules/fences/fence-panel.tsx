import type { Branch } from '@loro/contracts/branches';
import type { Geofence } from '@loro/contracts/branches-geofences';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { navigate } from '../../app/routes';
import { useMe } from '../../app/session';
import { useAction } from '../../app/use-action';
import type { PlaceDraft } from '../../map/shapes-map';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Panel } from '../../ui/panel';
import { weekdayName } from '../branches/hours-draft';
import { reaches } from '../people/reach';
import { FenceForm } from './fence-form';
import { sizeOf } from './fence-list';
import { fenceOf } from './fence-shape';

interface FencePanelProps {
  fence: Geofence;
  branches: readonly Branch[];
  draft: PlaceDraft | null;
  onDraft: (draft: PlaceDraft | null) => void;
  onChange: () => void;
}

export function FencePanel({ fence, branches, draft, onDraft, onChange }: FencePanelProps) {
  const mayDraw = reaches(useMe(), 'geofences.manage', { homeBranchId: fence.branchId });
  const { busy, run } = useAction();
  const [isRemoving, setRemoving] = useState(false);
  const remove = async () => {
    const work = () => hub.branches.removeGeofence({ geofenceId: fence.id }, { ifMatch: fence.version });
    if (!(await run('remove', work))) return;
    onChange();
    navigate('/fences');
  };
  if (draft) {
    const close = () => onDraft(null);
    const saved = () => {
      close();
      onChange();
    };
    return <FenceForm {...{ fence, branches, draft, onDraft }} onSaved={saved} onCancel={close} />;
  }
  return (
    <Panel title={fence.name}>
      <div className="stack">
        <dl className="facts">
          {factsOf(fence, branches).map(([title, value]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {mayDraw && (
          <div className="actions">
            <Button kind="primary" onClick={() => onDraft({ position: null, fence: fenceOf(fence.shape) })}>
              Change on the map
            </Button>
            <Button kind="danger" onClick={() => setRemoving(true)}>
              Take it away
            </Button>
          </div>
        )}
      </div>
      {isRemoving && (
        <Confirm
          title={`Take ${fence.name} away?`}
          submit="Take it away"
          busy={busy !== null}
          onClose={() => setRemoving(false)}
          onConfirm={() => void remove()}
        >
          Nobody is told of it any more. Visits of the past keep its name.
        </Confirm>
      )}
    </Panel>
  );
}

function factsOf(fence: Geofence, branches: readonly Branch[]): readonly (readonly [string, string])[] {
  const hours = fence.activeHours?.map(
    ({ weekday, opensAt, closesAt }) => `${weekdayName(weekday)} ${opensAt}–${closesAt}`,
  );
  return [
    ['Shape', sizeOf(fence)],
    ['Branch', branches.find(({ id }) => id === fence.branchId)?.name ?? 'The whole organisation'],
    ['In force', hours ? hours.join(', ') : 'Always'],
    ['Speed limit', fence.speedLimitKmh === null ? 'None' : `${fence.speedLimitKmh} km/h`],
    ['Told after a stay of', fence.dwellMinutes === null ? 'Not told' : `${fence.dwellMinutes} min`],
    ['Still inside beyond the border', fence.bufferM === null ? 'As its size asks for' : `${fence.bufferM} m`],
  ];
}
