import type { Branch } from '@loro/contracts/branches';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useProof } from '../../app/proof';
import { navigate } from '../../app/routes';
import { useMe } from '../../app/session';
import { Dialog } from '../../ui/dialog';
import { SelectField, TextField } from '../../ui/field';
import { toast } from '../../ui/toast';
import { useForm } from '../auth/use-form';
import { reaches } from './reach';
import { roleName, useGivableRoles } from './use-roles';

interface InviteDialogProps {
  branches: readonly Branch[];
  onClose: () => void;
  onInvited: () => void;
}

export function InviteDialog({ branches, onClose, onInvited }: InviteDialogProps) {
  const me = useMe();
  const prove = useProof();
  const roles = useGivableRoles();
  const open = branches.filter(({ id }) => reaches(me, 'people.write', { homeBranchId: id }));
  const mayLeaveOut = reaches(me, 'people.write', { homeBranchId: null });
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [jobTitle, setJobTitle] = useState('');
  const [chosenBranch, setBranch] = useState(me.user.homeBranchId ?? '');
  const [chosen, setChosen] = useState<readonly string[]>(['staff']);
  const branchId = open.some(({ id }) => id === chosenBranch) ? chosenBranch : mayLeaveOut ? '' : (open[0]?.id ?? '');

  const { errors, isBusy, submit } = useForm(
    async () => {
      const invitation = {
        name,
        email,
        roles: [...chosen],
        branchId: branchId === '' ? null : branchId,
        jobTitle: jobTitle.trim() === '' ? null : jobTitle,
      };
      const { id } = await prove(() => hub.people.invite(invitation));
      toast({ title: `${name} is invited`, detail: 'The link to come in is in the mail.', tone: 'good' });
      onInvited();
      onClose();
      navigate(`/people/${id}`);
    },
    { EMAIL_TAKEN: 'email' },
  );
  const toggle = (id: string, isOn: boolean) =>
    setChosen((old) => (isOn ? [...old, id] : old.filter((other) => other !== id)));
  return (
    <Dialog title="Invite somebody" submit="Send the invitation" busy={isBusy} onClose={onClose} onSubmit={submit}>
      <TextField
        label="Name"
        autoComplete="off"
        value={name}
        error={errors['name']}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label="E-mail of the person"
        type="email"
        autoComplete="off"
        value={email}
        error={errors['email']}
        onChange={(event) => setEmail(event.target.value)}
      />
      <TextField
        label="Job (optional)"
        autoComplete="off"
        value={jobTitle}
        error={errors['jobTitle']}
        onChange={(event) => setJobTitle(event.target.value)}
      />
      <SelectField
        label="Home branch"
        value={branchId}
        error={errors['branchId']}
        onChange={(event) => setBranch(event.target.value)}
      >
        {mayLeaveOut && <option value="">None</option>}
        {open.map((branch) => (
          <option key={branch.id} value={branch.id}>
            {branch.name}
          </option>
        ))}
      </SelectField>
      {roles.length > 0 && (
        <fieldset className="field">
          <legend>Roles from the first day</legend>
          <div className="checks">
            {roles.map((role) => (
              <label className="check" key={role.id}>
                <input
                  type="checkbox"
                  checked={chosen.includes(role.id)}
                  onChange={(event) => toggle(role.id, event.target.checked)}
                />
                {roleName(role.name)}
              </label>
            ))}
          </div>
          {errors['roles'] !== undefined && <p className="field-error">{errors['roles']}</p>}
        </fieldset>
      )}
    </Dialog>
  );
}
