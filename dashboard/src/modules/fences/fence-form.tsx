import type { Branch } from '@loro/contracts/branches';
import type { Geofence } from '@loro/contracts/branches-geofences';
import { useEffect, useState } from 'react';
import { hub } from '../../app/hub';
import { useMe } from '../../app/session';
import { FenceFields } from '../../map/fence-fields';
import { isOutline, reshaped, shapeOf as kindOf } from '../../map/fence-draft';
import { placeOf } from '../../map/shape-overlay';
import type { PlaceDraft } from '../../map/shapes-map';
import { Button } from '../../ui/button';
import { DefinedFields, type FieldDefinition } from '../../ui/defined-fields';
import { SelectField, TextField } from '../../ui/field';
import { Panel } from '../../ui/panel';
import { Segments } from '../../ui/segments';
import { useForm } from '../auth/use-form';
import { reaches } from '../people/reach';
import { shapeOf } from './fence-shape';
import { fromWeek, WeekFields, weekOf } from './week-fields';

interface FenceFormProps {
  /** Null draws a new one. */
  fence: Geofence | null;
  branches: readonly Branch[];
  draft: PlaceDraft | null;
  onDraft: (draft: PlaceDraft) => void;
  onSaved: (fence: Geofence) => void;
  onCancel: () => void;
}

const numbers: readonly FieldDefinition[] = [
  { name: 'speedLimitKmh', label: 'Speed limit in km/h (optional)', type: 'number' },
  { name: 'dwellMinutes', label: 'Tell after a stay of minutes (optional)', type: 'number' },
  { name: 'bufferM', label: 'Metres beyond the border (optional)', type: 'number' },
  { name: 'accMaxM', label: 'Readings count up to metres', type: 'number' },
];
const orNull = (text: string | undefined): number | null => (text === undefined || text === '' ? null : Number(text));
const textOf = (value: number | null | undefined): string => value?.toString() ?? '';

/** What a fence is called and says, beside what is drawn on the map. */
export function FenceForm({ fence, branches, draft, onDraft, onSaved, onCancel }: FenceFormProps) {
  const me = useMe();
  const [name, setName] = useState(fence?.name ?? '');
  const own = branches.filter(({ id }) => reaches(me, 'geofences.manage', { homeBranchId: id }));
  const mayShare = reaches(me, 'geofences.manage', { homeBranchId: null });
  const [branchId, setBranch] = useState(fence ? (fence.branchId ?? '') : mayShare ? '' : (own[0]?.id ?? ''));
  const [values, setValues] = useState<Readonly<Record<string, string>>>({
    speedLimitKmh: textOf(fence?.speedLimitKmh),
    dwellMinutes: textOf(fence?.dwellMinutes),
    bufferM: textOf(fence?.bufferM),
    accMaxM: textOf(fence?.accMaxM ?? 100),
  });
  const [week, setWeek] = useState(() => weekOf(fence?.activeHours ?? null));
  const drawn = draft?.fence ?? null;
  const around = aroundOf(branches, branchId);
  useEffect(() => {
    if (fence === null && draft === null) onDraft({ position: null, fence: reshaped(null, 'circle', around) });
    // A new fence begins with a circle, once.
  }, []);
  const { errors, isBusy, submit } = useForm(async () => {
    if (!drawn) return;
    const details = {
      name,
      branchId: branchId === '' ? null : branchId,
      shape: shapeOf(drawn),
      activeHours: fromWeek(week),
      speedLimitKmh: orNull(values['speedLimitKmh']),
      dwellMinutes: orNull(values['dwellMinutes']),
      bufferM: orNull(values['bufferM']),
      accMaxM: Number(values['accMaxM']),
    };
    onSaved(
      fence
        ? await hub.branches.updateGeofence({ geofenceId: fence.id, ...details }, { ifMatch: fence.version })
        : await hub.branches.createGeofence(details),
    );
  });
  return (
    <Panel title={fence ? `Change ${fence.name}` : 'A new fence'}>
      <form className="stack" onSubmit={submit} noValidate>
        <p className="small muted">
          Drag the points on the map, or go to one with Tab and move it with the arrow keys. Delete takes a corner away.
        </p>
        <TextField
          label="Name of the fence"
          autoComplete="off"
          value={name}
          error={errors['name']}
          onChange={(event) => setName(event.target.value)}
        />
        <SelectField
          label="Branch"
          value={branchId}
          error={errors['branchId']}
          onChange={(event) => setBranch(event.target.value)}
        >
          {mayShare && <option value="">The whole organisation</option>}
          {own.map((branch) => (
            <option key={branch.id} value={branch.id}>
              {branch.name}
            </option>
          ))}
        </SelectField>
        <Segments
          legend="Shape of the fence"
          choices={[
            { choice: 'circle', title: 'Circle' },
            { choice: 'outline', title: 'Corners' },
          ]}
          value={kindOf(drawn) === 'outline' ? 'outline' : 'circle'}
          onChange={(shape) => onDraft({ position: null, fence: reshaped(drawn, shape, around) })}
        />
        {drawn && <CenterFields drawn={drawn} onDraft={onDraft} />}
        {drawn && (
          <FenceFields fence={drawn} errors={errors} onChange={(next) => onDraft({ position: null, fence: next })} />
        )}
        <div className="field-pair">
          <DefinedFields
            fields={numbers}
            values={values}
            errors={errors}
            onChange={(field, value) => setValues((old) => ({ ...old, [field]: value }))}
          />
        </div>
        <WeekFields week={week} error={errors['activeHours'] ?? errors['opensAt']} onChange={setWeek} />
        <div className="dialog-end">
          <Button kind="quiet" onClick={onCancel}>
            Leave it
          </Button>
          <Button type="submit" kind="primary" busy={isBusy}>
            Save it
          </Button>
        </div>
      </form>
    </Panel>
  );
}

interface CenterFieldsProps {
  drawn: NonNullable<PlaceDraft['fence']>;
  onDraft: (draft: PlaceDraft) => void;
}

/** Where a circle lies, for who does not draw. */
function CenterFields({ drawn, onDraft }: CenterFieldsProps) {
  if (isOutline(drawn)) return null;
  const part = (name: 'lat' | 'lng', label: string) => (
    <TextField
      label={label}
      type="number"
      step="any"
      value={drawn.center[name]}
      onChange={({ target: { value } }) =>
        onDraft({ position: null, fence: { ...drawn, center: { ...drawn.center, [name]: Number(value) } } })
      }
    />
  );
  return (
    <div className="field-pair">
      {part('lat', 'Latitude of its middle')}
      {part('lng', 'Longitude of its middle')}
    </div>
  );
}

/** A new fence begins beside the branch that it belongs to. */
function aroundOf(branches: readonly Branch[], branchId: string) {
  const known = branches.filter((branch) => placeOf(branch) !== null);
  const branch = known.find(({ id }) => id === branchId) ?? known[0];
  return (branch && placeOf(branch)) ?? { lat: 0, lng: 0 };
}
