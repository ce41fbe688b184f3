import type { Integration } from '@loro/contracts/integrations';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useProof } from '../../app/proof';
import { DefinedFields } from '../../ui/defined-fields';
import { Dialog } from '../../ui/dialog';
import { SelectField, TextField } from '../../ui/field';
import { useForm } from '../auth/use-form';
import { configOf, draftOf, fieldsOf, kinds, kindTitles, presets, type ServiceKind } from './service-config';

interface ServiceDialogProps {
  /** Null connects a new one. */
  service: Integration | null;
  onClose: () => void;
  onSaved: () => void;
}

export function ServiceDialog({ service, onClose, onSaved }: ServiceDialogProps) {
  const prove = useProof();
  const [name, setName] = useState(service?.name ?? '');
  const [kind, setKind] = useState<ServiceKind>(service?.kind ?? 'smtp');
  const [draft, setDraft] = useState(service ? draftOf(service.config) : presets);
  const [secret, setSecret] = useState('');
  const { errors, isBusy, submit } = useForm(async () => {
    const config = configOf(kind, draft);
    await prove<unknown>(() =>
      service
        ? hub.integrations.change({ integrationId: service.id, name, config }, { ifMatch: service.version })
        : hub.integrations.create({ name, config, ...(secret !== '' && { secret }) }),
    );
    onSaved();
    onClose();
  });
  return (
    <Dialog
      title={service ? `Change ${service.name}` : 'Connect a service'}
      submit={service ? 'Save it' : 'Connect it'}
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
      {service === null && (
        <SelectField
          label="Kind"
          value={kind}
          onChange={({ target: { value } }) => setKind(kinds.find((one) => one === value) ?? kind)}
        >
          {kinds.map((one) => (
            <option key={one} value={one}>
              {kindTitles[one]}
            </option>
          ))}
        </SelectField>
      )}
      <DefinedFields
        fields={fieldsOf(kind, draft)}
        values={draft}
        errors={errors}
        onChange={(field, value) => setDraft((old) => ({ ...old, [field]: value }))}
      />
      {service === null && (
        <TextField
          label="Secret (optional)"
          type="password"
          autoComplete="new-password"
          hint="Kept sealed; afterwards only its last four characters are shown."
          value={secret}
          error={errors['secret']}
          onChange={(event) => setSecret(event.target.value)}
        />
      )}
    </Dialog>
  );
}
