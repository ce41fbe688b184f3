import type { Branch } from '@loro/contracts/branches';
import type { FieldRules, SeenUser } from '@loro/contracts/people-values';
import { useId, useState } from 'react';
import { hub } from '../../app/hub';
import { useRequest } from '../../app/use-request';
import { Dialog } from '../../ui/dialog';
import { Field, SelectField, TextField } from '../../ui/field';
import { toast } from '../../ui/toast';
import { useForm } from '../auth/use-form';
import { CustomFields } from './custom-fields';
import { changeOf, draftOf, mayChange, type ProfileDraft } from './profile-draft';

interface ProfileDialogProps {
  person: SeenUser;
  branches: readonly Branch[];
  /** The author may change people; without it he changes himself, as far as the rules let him. */
  isWriter: boolean;
  isSelf: boolean;
  onClose: () => void;
  onSaved: () => void;
}

/** What is known of somebody, as far as the author may change it. */
export function ProfileDialog(props: ProfileDialogProps) {
  const request = useRequest('field rules', () => hub.people.fieldRules());
  return request.state === 'ready' ? <ProfileForm {...props} rules={request.data} /> : null;
}

const zones = Intl.supportedValuesOf('timeZone');

function ProfileForm({
  person,
  branches,
  isWriter,
  isSelf,
  onClose,
  onSaved,
  rules,
}: ProfileDialogProps & { rules: FieldRules }) {
  const zoneList = useId();
  const [before] = useState(() => draftOf(person, rules));
  const [draft, setDraft] = useState(before);
  const { errors, isBusy, submit } = useForm(
    async () => {
      const change = changeOf(before, draft, rules);
      if (Object.keys(change).length > 0) await save(person, change, isWriter);
      toast({ title: 'Saved', tone: 'good' });
      onSaved();
      onClose();
    },
    { EMPLOYEE_NO_TAKEN: 'employeeNo' },
  );
  const may = (field: Parameters<typeof mayChange>[0]) => mayChange(field, isWriter, rules);
  const text = (name: Exclude<keyof ProfileDraft, 'custom'>, errorAt: string = name) => ({
    value: draft[name],
    error: errors[errorAt],
    onChange: ({ target: { value } }: { target: { value: string } }) => setDraft((old) => ({ ...old, [name]: value })),
  });
  return (
    <Dialog
      title={isSelf ? 'Your profile' : `Change ${person.name}`}
      submit="Save it"
      busy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      {may('name') && <TextField label="Name" autoComplete="off" {...text('name')} />}
      {may('jobTitle') && <TextField label="Job" {...text('jobTitle')} />}
      {may('homeBranchId') && (
        <SelectField label="Home branch" {...text('homeBranchId')}>
          <option value="">None</option>
          {branches.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
      {may('employeeNo') && <TextField label="Employee number" {...text('employeeNo')} />}
      <div className="field-pair">
        {may('startedOn') && <TextField label="Here since" type="date" {...text('startedOn')} />}
        {may('endedOn') && <TextField label="Here until" type="date" {...text('endedOn')} />}
        {may('phone') && <TextField label="Phone" type="tel" placeholder="+27821234567" {...text('phone')} />}
        {may('birthday') && <TextField label="Birthday" type="date" {...text('birthday')} />}
        {may('timezone') && <TextField label="Time zone" list={zoneList} {...text('timezone')} />}
        {may('locale') && <TextField label="Language" placeholder="en-ZA" {...text('locale')} />}
      </div>
      <datalist id={zoneList}>
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      {may('address') && (
        <fieldset className="field">
          <legend>Address</legend>
          <TextField label="Street" {...text('street')} />
          <div className="field-pair">
            <TextField label="Postal code" {...text('postalCode')} />
            <TextField label="City" {...text('city')} />
            <TextField label="Region" {...text('region')} />
            <TextField label="Country, two letters" maxLength={2} {...text('country')} />
          </div>
        </fieldset>
      )}
      {may('emergencyContact') && (
        <fieldset className="field">
          <legend>In an emergency</legend>
          <div className="field-pair">
            <TextField label="Whom to call" {...text('contactName', 'emergencyContact')} />
            <TextField label="Their phone" type="tel" {...text('contactPhone')} />
          </div>
          <TextField label="Who that is" placeholder="sister" {...text('contactRelation', 'relation')} />
        </fieldset>
      )}
      {may('skills') && (
        <Field label="Skills" hint="One on each line." error={errors['skills']}>
          {(control) => (
            <textarea
              {...control}
              className="input"
              rows={3}
              value={draft.skills}
              onChange={({ target: { value } }) => setDraft((old) => ({ ...old, skills: value }))}
            />
          )}
        </Field>
      )}
      <CustomFields
        fields={rules.customFields.filter(({ changedBy }) => isWriter || changedBy === 'self')}
        values={draft.custom}
        errors={errors}
        onChange={(name, value) => setDraft((old) => ({ ...old, custom: { ...old.custom, [name]: value } }))}
      />
    </Dialog>
  );
}

type Change = ReturnType<typeof changeOf>;

async function save({ id: userId, version }: SeenUser, change: Change, isWriter: boolean): Promise<void> {
  if (isWriter) {
    await hub.people.update({ userId, ...change }, { ifMatch: version });
    return;
  }
  const { jobTitle: _job, employeeNo: _no, homeBranchId: _home, startedOn: _from, endedOn: _to, ...own } = change;
  await hub.people.updateMe(own, { ifMatch: version });
}
