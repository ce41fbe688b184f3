import type { Branch, Fence } from '@loro/contracts/branches';
import { LoroError } from '@loro/client';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useMe } from '../../app/session';
import { FenceFields } from '../../map/fence-fields';
import { type FenceShape, isOutline, reshaped, shapeOf } from '../../map/fence-draft';
import { placeOf } from '../../map/shape-overlay';
import type { PlaceDraft } from '../../map/shapes-map';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { TextField } from '../../ui/field';
import { formatDistance } from '../../ui/format';
import { Panel } from '../../ui/panel';
import { Segments } from '../../ui/segments';
import { useForm } from '../auth/use-form';
import { reaches } from '../people/reach';

interface PlacePanelProps {
  branch: Branch;
  draft: PlaceDraft | null;
  onDraft: (draft: PlaceDraft | null) => void;
  onChange: () => void;
}

/** Where a branch is and where its fence runs, on the map above and in figures. */
export function PlacePanel({ branch, draft, onDraft, onChange }: PlacePanelProps) {
  const mayUpdate = reaches(useMe(), 'branches.update', { homeBranchId: branch.id });
  const { position, fence } = branch;
  if (draft) return <PlaceForm {...{ branch, draft, onDraft, onChange }} />;
  return (
    <Panel
      title="Place and fence"
      aside={
        mayUpdate && (
          <Button kind="primary" onClick={() => onDraft({ position, fence })}>
            Change on the map
          </Button>
        )
      }
    >
      <dl className="facts">
        <div>
          <dt>Place</dt>
          <dd className="num">{position ? `${position.lat.toFixed(5)}, ${position.lng.toFixed(5)}` : 'Not known'}</dd>
        </div>
        <div>
          <dt>Fence</dt>
          <dd>{fenceText(fence)}</dd>
        </div>
      </dl>
    </Panel>
  );
}

function fenceText(fence: Fence | null): string {
  if (fence === null) return 'None';
  return isOutline(fence) ? `${fence.corners.length} corners` : `A circle of ${formatDistance(fence.radiusM)}`;
}

const shapes: readonly { choice: FenceShape; title: string }[] = [
  { choice: 'none', title: 'No fence' },
  { choice: 'circle', title: 'Circle' },
  { choice: 'outline', title: 'Corners' },
];

interface PlaceFormProps extends PlacePanelProps {
  draft: PlaceDraft;
}

function PlaceForm({ branch, draft, onDraft, onChange }: PlaceFormProps) {
  const [far, setFar] = useState<string | null>(null);
  const { position, fence } = draft;
  const save = async (confirm: boolean) => {
    await hub.branches.setLocation({ branchId: branch.id, position, fence, confirm }, { ifMatch: branch.version });
    onDraft(null);
    onChange();
  };
  const { errors, isBusy, submit } = useForm(async () => {
    try {
      await save(false);
    } catch (error) {
      if (!(error instanceof LoroError) || error.code !== 'LOCATION_MOVES_FAR') throw error;
      setFar(error.problem.detail);
    }
  });
  const sure = useForm(() => save(true));
  const around = position ?? placeOf(branch) ?? { lat: 0, lng: 0 };
  const place = (part: 'lat' | 'lng', title: string) => (
    <TextField
      label={title}
      type="number"
      step="any"
      value={position?.[part] ?? ''}
      error={errors[part]}
      onChange={({ target: { value } }) => onDraft({ ...draft, position: { ...around, [part]: Number(value) } })}
    />
  );
  return (
    <Panel title="Place and fence">
      <form className="stack" onSubmit={submit} noValidate>
        <p className="small muted">
          Drag the points on the map, or go to one with Tab and move it with the arrow keys. Delete takes a corner away.
        </p>
        <div className="field-pair">
          {place('lat', 'Latitude')}
          {place('lng', 'Longitude')}
        </div>
        <Segments
          legend="Shape of the fence"
          choices={shapes}
          value={shapeOf(fence)}
          onChange={(shape) => onDraft({ ...draft, fence: reshaped(fence, shape, around) })}
        />
        {fence && <FenceFields fence={fence} errors={errors} onChange={(next) => onDraft({ ...draft, fence: next })} />}
        <div className="dialog-end">
          {position && (
            <Button kind="quiet" onClick={() => onDraft({ ...draft, position: null })}>
              Take the place away
            </Button>
          )}
          <Button kind="quiet" onClick={() => onDraft(null)}>
            Leave it
          </Button>
          <Button type="submit" kind="primary" busy={isBusy}>
            Save it
          </Button>
        </div>
      </form>
      {far !== null && (
        <Confirm
          title="Is it really that far?"
          submit="Yes, move it"
          busy={sure.isBusy}
          onClose={() => setFar(null)}
          onConfirm={() => sure.submit()}
        >
          {far}
        </Confirm>
      )}
    </Panel>
  );
}
