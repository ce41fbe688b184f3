import type { Branch } from '@loro/contracts/branches';
import type { Member } from '@loro/contracts/branches-members';
import { useState } from 'react';
import type { z } from 'zod';
import { hub } from '../../app/hub';
import { Dialog } from '../../ui/dialog';
import { SelectField, TextField } from '../../ui/field';
import { useForm } from '../auth/use-form';
import { PersonField } from '../people/person-field';

export type BranchMember = z.infer<typeof Member>;

interface DialogProps {
  onClose: () => void;
  onDone: () => void;
}

const ownDate = (date: string) => (date === '' ? {} : { on: date });

/** Lets somebody belong to a branch. */
export function AddMemberDialog({ branch, onClose, onDone }: DialogProps & { branch: Branch }) {
  const [userId, setUser] = useState<string | null>(null);
  const [role, setRole] = useState('');
  const [share, setShare] = useState('100');
  const [from, setFrom] = useState('');
  const [isPrimary, setPrimary] = useState(false);
  const { errors, isBusy, submit } = useForm(
    async () => {
      await hub.branches.addMember({
        branchId: branch.id,
        userId: userId ?? '',
        role: role.trim() === '' ? null : role.trim(),
        fte: Number(share) / 100,
        isPrimary,
        ...(from !== '' && { from }),
      });
      onDone();
      onClose();
    },
    { PRIMARY_EXISTS: 'isPrimary', MEMBERSHIP_OVERLAP: 'userId', USER_NOT_WORKING: 'userId', BRANCH_CLOSED: 'userId' },
  );
  return (
    <Dialog title={`Somebody for ${branch.name}`} submit="Add" busy={isBusy} onClose={onClose} onSubmit={submit}>
      <PersonField label="Who" onChange={setUser} />
      {errors['userId'] !== undefined && <p className="field-error">{errors['userId']}</p>}
      <TextField
        label="What as (optional)"
        value={role}
        error={errors['role']}
        onChange={(event) => setRole(event.target.value)}
      />
      <div className="field-pair">
        <TextField
          label="Share of a full week in %"
          type="number"
          min={1}
          max={100}
          value={share}
          error={errors['fte']}
          onChange={(event) => setShare(event.target.value)}
        />
        <TextField
          label="From (today if empty)"
          type="date"
          value={from}
          error={errors['from']}
          onChange={(event) => setFrom(event.target.value)}
        />
      </div>
      <label className="check">
        <input type="checkbox" checked={isPrimary} onChange={(event) => setPrimary(event.target.checked)} />
        This is the first branch of this person
      </label>
      {errors['isPrimary'] !== undefined && <p className="field-error">{errors['isPrimary']}</p>}
    </Dialog>
  );
}

interface TransferDialogProps extends DialogProps {
  member: BranchMember;
  branches: readonly Branch[];
}

/** Ends a membership and begins one at another branch. */
export function TransferDialog({ member, branches, onClose, onDone }: TransferDialogProps) {
  const places = branches.filter(({ id, status }) => id !== member.branchId && status === 'active');
  const [toBranchId, setTo] = useState(places[0]?.id ?? '');
  const [on, setOn] = useState('');
  const { errors, isBusy, submit } = useForm(
    async () => {
      const { branchId, id: membershipId } = member;
      await hub.branches.transferMember({ branchId, membershipId, toBranchId, ...ownDate(on) });
      onDone();
      onClose();
    },
    {
      PRIMARY_EXISTS: 'toBranchId',
      MEMBERSHIP_OVERLAP: 'toBranchId',
      MEMBERSHIP_OVER: 'on',
      BRANCH_CLOSED: 'toBranchId',
    },
  );
  return (
    <Dialog title={`Move ${member.name}`} submit="Move" busy={isBusy} onClose={onClose} onSubmit={submit}>
      <SelectField
        label="To"
        value={toBranchId}
        error={errors['toBranchId']}
        onChange={(event) => setTo(event.target.value)}
      >
        {places.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label="First day there (today if empty)"
        type="date"
        value={on}
        error={errors['on']}
        onChange={(event) => setOn(event.target.value)}
      />
    </Dialog>
  );
}

interface EndMemberDialogProps extends DialogProps {
  branch: Branch;
  member: BranchMember;
}

/** Ends a membership; what was stays known. */
export function EndMemberDialog({ branch, member, onClose, onDone }: EndMemberDialogProps) {
  const [on, setOn] = useState('');
  const { errors, isBusy, submit } = useForm(
    async () => {
      await hub.branches.endMember({ branchId: branch.id, membershipId: member.id, ...ownDate(on) });
      onDone();
      onClose();
    },
    { MEMBERSHIP_OVER: 'on' },
  );
  return (
    <Dialog
      title={`${member.name} leaves ${branch.name}?`}
      submit="End it"
      danger
      busy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      <p className="muted">What was stays known.</p>
      <TextField
        label="First day away (today if empty)"
        type="date"
        value={on}
        error={errors['on']}
        onChange={(event) => setOn(event.target.value)}
      />
    </Dialog>
  );
}
