import type { Branch } from '@loro/contracts/branches';
import type { Team } from '@loro/contracts/people-teams';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useMe } from '../../app/session';
import { Dialog } from '../../ui/dialog';
import { SelectField, TextField } from '../../ui/field';
import { useForm } from '../auth/use-form';
import { PersonField } from '../people/person-field';
import { reaches } from '../people/reach';
import { useNames } from '../people/use-names';

interface TeamDialogProps {
  /** Null makes a new one. */
  team: Team | null;
  branches: readonly Branch[];
  onClose: () => void;
  onSaved: (team: Team) => void;
}

export function TeamDialog({ team, branches, onClose, onSaved }: TeamDialogProps) {
  const me = useMe();
  const open = branches.filter(({ id }) => reaches(me, 'teams.manage', { homeBranchId: id }));
  const mayStandAlone = me.grants.some(({ permission, scope }) => permission === 'teams.manage' && scope === 'org');
  const [name, setName] = useState(team?.name ?? '');
  const [branchId, setBranch] = useState(team?.branchId ?? (mayStandAlone ? '' : (open[0]?.id ?? '')));
  const [leadId, setLead] = useState<string | null>(null);
  const names = useNames([team?.leadId]);
  const lead = names.get(team?.leadId ?? '');
  const { errors, isBusy, submit } = useForm(
    async () => {
      const details = { name, branchId: branchId === '' ? null : branchId };
      const saved = team
        ? await hub.people.updateTeam(
            { teamId: team.id, ...details, ...(leadId !== null && { leadId }) },
            { ifMatch: team.version },
          )
        : await hub.people.createTeam({ ...details, leadId: leadId ?? '' });
      onSaved(saved);
      onClose();
    },
    { TEAM_NAME_TAKEN: 'name' },
  );
  return (
    <Dialog
      title={team ? `Change ${team.name}` : 'A new team'}
      submit={team ? 'Save it' : 'Make it'}
      busy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label="Name of the team"
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
        {mayStandAlone && <option value="">None: people of several branches</option>}
        {open.map((branch) => (
          <option key={branch.id} value={branch.id}>
            {branch.name}
          </option>
        ))}
      </SelectField>
      <PersonField label={lead ? `Lead (now ${lead})` : 'Lead'} onChange={setLead} />
      {errors['leadId'] !== undefined && <p className="field-error">Take one of the people that are offered.</p>}
    </Dialog>
  );
}
