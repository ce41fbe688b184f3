import type { Branch } from '@loro/contracts/branches';
import type { SeenUser } from '@loro/contracts/people-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useProof } from '../../app/proof';
import { Dialog } from '../../ui/dialog';
import { SelectField, TextField } from '../../ui/field';
import { useForm } from '../auth/use-form';
import { roleName, useGivableRoles } from './use-roles';

interface GrantDialogProps {
  person: SeenUser;
  branches: readonly Branch[];
  onClose: () => void;
  onGranted: () => void;
}

export function GrantDialog({ person, branches, onClose, onGranted }: GrantDialogProps) {
  const prove = useProof();
  const roles = useGivableRoles();
  const [chosen, setChosen] = useState('');
  const [branchId, setBranchId] = useState('');
  const [until, setUntil] = useState('');
  const role = roles.find(({ id }) => id === chosen) ?? roles[0];
  const { errors, isBusy, submit } = useForm(async () => {
    if (!role) return;
    const grant = {
      userId: person.id,
      role: role.id,
      branchId: branchId === '' ? null : branchId,
      // The role counts through the day that is named.
      expiresAt: until === '' ? null : new Date(`${until}T23:59:59`).toISOString(),
    };
    await prove(() => hub.access.grantRole(grant));
    onGranted();
    onClose();
  });
  return (
    <Dialog title={`A role for ${person.name}`} submit="Give it" busy={isBusy} onClose={onClose} onSubmit={submit}>
      <SelectField
        label="Role"
        value={role?.id ?? ''}
        error={errors['role']}
        onChange={(event) => setChosen(event.target.value)}
      >
        {roles.map(({ id, name }) => (
          <option key={id} value={id}>
            {roleName(name)}
          </option>
        ))}
      </SelectField>
      {role !== undefined && <p className="small muted">{role.description}</p>}
      <SelectField
        label="Where it counts"
        value={branchId}
        error={errors['branchId']}
        onChange={(event) => setBranchId(event.target.value)}
      >
        <option value="">At the home branch</option>
        {branches.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Until (optional)"
        type="date"
        value={until}
        error={errors['expiresAt']}
        onChange={(event) => setUntil(event.target.value)}
      />
    </Dialog>
  );
}
