import type { Branch } from '@loro/contracts/branches';
import { useId, useState } from 'react';
import { hub } from '../../app/hub';
import { useMe, usePermission } from '../../app/session';
import { Dialog } from '../../ui/dialog';
import { Field, SelectField, TextField } from '../../ui/field';
import { useForm } from '../auth/use-form';
import { reaches } from '../people/reach';
import { KindOptions } from './branch-words';

interface BranchDialogProps {
  /** Null opens a new one. */
  branch: Branch | null;
  parents: readonly Branch[];
  onClose: () => void;
  onSaved: (branch: Branch) => void;
}

const kinds = ['headquarters', 'region', 'branch', 'store', 'warehouse', 'kiosk', 'virtual'] as const;
const zones = Intl.supportedValuesOf('timeZone');
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

interface Draft {
  name: string;
  code: string;
  kind: Branch['kind'];
  parentId: string;
  timezone: string;
  isPlanned: boolean;
  phone: string;
  email: string;
  street: string;
  city: string;
  postalCode: string;
  country: string;
  capacity: string;
  openedOn: string;
}

function draftOf(branch: Branch | null, parents: readonly Branch[]): Draft {
  return {
    name: branch?.name ?? '',
    code: branch?.code ?? '',
    kind: branch?.kind ?? 'branch',
    parentId: branch?.parentId ?? parents[0]?.id ?? '',
    timezone: branch?.timezone ?? parents[0]?.timezone ?? here,
    isPlanned: false,
    phone: branch?.phone ?? '',
    email: branch?.email ?? '',
    street: branch?.address?.line1 ?? '',
    city: branch?.address?.city ?? '',
    postalCode: branch?.address?.postalCode ?? '',
    country: branch?.country ?? '',
    capacity: branch?.capacityHeads?.toString() ?? '',
    openedOn: branch?.openedOn ?? '',
  };
}

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());

function detailsOf(draft: Draft, branch: Branch | null) {
  const [line1, city, postalCode] = [draft.street, draft.city, draft.postalCode].map(orNull);
  const kept = branch?.address ?? { line2: null, region: null };
  const address = { line2: kept.line2, region: kept.region, line1, city, postalCode };
  const isEmpty = Object.values(address).every((part) => part === null || part === undefined);
  return {
    name: draft.name,
    kind: draft.kind,
    timezone: draft.timezone,
    phone: orNull(draft.phone),
    email: orNull(draft.email),
    address: isEmpty ? null : { ...address, line1: line1 ?? null, city: city ?? null, postalCode: postalCode ?? null },
    country: orNull(draft.country.toUpperCase()),
    capacityHeads: draft.capacity.trim() === '' ? null : Number(draft.capacity),
    openedOn: orNull(draft.openedOn),
  };
}

/** What is known of a branch beside where it is. */
export function BranchDialog({ branch, parents, onClose, onSaved }: BranchDialogProps) {
  const me = useMe();
  const zoneList = useId();
  const mayStandAlone = usePermission('branches.manage');
  const above = parents.filter(
    ({ id, status }) => status !== 'closed' && reaches(me, 'branches.read', { homeBranchId: id }),
  );
  const [draft, setDraft] = useState(() => draftOf(branch, above));
  const { errors, isBusy, submit } = useForm(
    async () => {
      const details = detailsOf(draft, branch);
      const status = draft.isPlanned ? ('planned' as const) : ('active' as const);
      const saved = branch
        ? await hub.branches.update({ branchId: branch.id, ...details }, { ifMatch: branch.version })
        : await hub.branches.create({ ...details, code: draft.code, parentId: orNull(draft.parentId), status });
      onSaved(saved);
      onClose();
    },
    { CODE_TAKEN: 'code', BRANCH_DEPTH: 'parentId', BRANCH_CLOSED: 'parentId' },
  );
  const text = (name: Exclude<keyof Draft, 'isPlanned' | 'kind'>, errorAt: string = name) => ({
    value: draft[name],
    error: errors[errorAt],
    onChange: ({ target: { value } }: { target: { value: string } }) => setDraft((old) => ({ ...old, [name]: value })),
  });
  return (
    <Dialog
      title={branch ? `Change ${branch.name}` : 'Open a branch'}
      submit={branch ? 'Save it' : 'Open it'}
      busy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField label="Name" autoComplete="off" {...text('name')} />
      {branch === null && (
        <>
          <Field label="Code" error={errors['code']} hint="Short and its own, such as CT-01.">
            {(control) => (
              <input
                className="input"
                autoComplete="off"
                value={draft.code}
                onChange={({ target }) => setDraft((old) => ({ ...old, code: target.value.toUpperCase() }))}
                {...control}
              />
            )}
          </Field>
          <SelectField label="Below" {...text('parentId')}>
            {mayStandAlone && <option value="">Nothing: it stands at the top</option>}
            {above.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
        </>
      )}
      <SelectField
        label="Kind"
        value={draft.kind}
        onChange={({ target }) =>
          setDraft((old) => ({ ...old, kind: kinds.find((kind) => kind === target.value) ?? old.kind }))
        }
      >
        <KindOptions />
      </SelectField>
      <TextField label="Time zone" list={zoneList} {...text('timezone')} />
      <datalist id={zoneList}>
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <div className="field-pair">
        <TextField label="Phone (optional)" type="tel" {...text('phone')} />
        <TextField label="E-mail of the branch (optional)" type="email" {...text('email')} />
      </div>
      <TextField label="Street (optional)" {...text('street', 'line1')} />
      <div className="field-pair">
        <TextField label="City (optional)" {...text('city')} />
        <TextField label="Postal code (optional)" {...text('postalCode')} />
      </div>
      <div className="field-pair">
        <TextField label="Country, two letters (optional)" maxLength={2} {...text('country')} />
        <TextField
          label="Made for so many people (optional)"
          inputMode="numeric"
          {...text('capacity', 'capacityHeads')}
        />
      </div>
      <TextField label="Opened on (optional)" type="date" {...text('openedOn')} />
      {branch === null && (
        <label className="check">
          <input
            type="checkbox"
            checked={draft.isPlanned}
            onChange={({ target }) => setDraft((old) => ({ ...old, isPlanned: target.checked }))}
          />
          It is only planned, and does not count towards the licence yet
        </label>
      )}
    </Dialog>
  );
}
