import type { StorageTarget } from '@loro/contracts/storage-targets';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useProof } from '../../app/proof';
import { DefinedFields } from '../../ui/defined-fields';
import { Dialog } from '../../ui/dialog';
import { SelectField, TextField } from '../../ui/field';
import { useForm } from '../auth/use-form';
import {
  type Driver,
  draftOf,
  drivers,
  driverTitles,
  fileKinds,
  placeFields,
  placeOf,
  ruleFields,
  rulesOf,
} from './storage-config';

interface StorageDialogProps {
  /** Null names a new place. */
  target: StorageTarget | null;
  onClose: () => void;
  onSaved: () => void;
}

export function StorageDialog({ target, onClose, onSaved }: StorageDialogProps) {
  const prove = useProof();
  const [name, setName] = useState(target?.name ?? '');
  const [driver, setDriver] = useState<Driver>(target?.place.driver ?? 'local');
  const [draft, setDraft] = useState(() => draftOf(target));
  const [kinds, setKinds] = useState<StorageTarget['kinds']>(target?.kinds ?? []);
  const [secret, setSecret] = useState('');
  const { errors, isBusy, submit } = useForm(async () => {
    const rules = { name, place: placeOf(driver, draft), kinds, ...rulesOf(draft) };
    await prove(() =>
      target
        ? hub.storageTargets.change({ storageTargetId: target.id, ...rules }, { ifMatch: target.version })
        : hub.storageTargets.create({ ...rules, ...(secret !== '' && { secret }) }),
    );
    onSaved();
    onClose();
  });
  const change = (field: string, value: string) => setDraft((old) => ({ ...old, [field]: value }));
  return (
    <Dialog
      title={target ? `Change ${target.name}` : 'A place for files'}
      submit="Save it"
      busy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label="Name"
        autoComplete="off"
        value={name}
        error={errors['name']}
        onChange={(event) => setName(event.target.value)}
      />
      <SelectField
        label="Where"
        value={driver}
        onChange={({ target: { value } }) => setDriver(drivers.find((one) => one === value) ?? driver)}
      >
        {drivers.map((one) => (
          <option key={one} value={one}>
            {driverTitles[one]}
          </option>
        ))}
      </SelectField>
      <DefinedFields fields={placeFields(driver)} values={draft} errors={errors} onChange={change} />
      {target === null && driver !== 'local' && (
        <TextField
          label={driver === 'azure' ? 'Shared access signature' : 'Secret access key'}
          type="password"
          autoComplete="new-password"
          value={secret}
          error={errors['secret']}
          onChange={(event) => setSecret(event.target.value)}
        />
      )}
      <fieldset className="field">
        <legend>What goes there from now on</legend>
        <div className="checks">
          {fileKinds.map((kind) => (
            <label className="check" key={kind}>
              <input
                type="checkbox"
                checked={kinds.includes(kind)}
                onChange={({ target: { checked } }) =>
                  setKinds((old) => (checked ? [...old, kind] : old.filter((other) => other !== kind)))
                }
              />
              {kind.charAt(0).toUpperCase() + kind.slice(1)}
            </label>
          ))}
        </div>
        {errors['kinds'] !== undefined && <p className="field-error">{errors['kinds']}</p>}
      </fieldset>
      <details>
        <summary>Limits</summary>
        <div className="stack">
          <DefinedFields fields={ruleFields} values={draft} errors={errors} onChange={change} />
        </div>
      </details>
    </Dialog>
  );
}
