import type { StorageTarget } from '@loro/contracts/storage-targets';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useProof } from '../../app/proof';
import { Dialog } from '../../ui/dialog';
import { SelectField } from '../../ui/field';
import { useForm } from '../auth/use-form';
import type { MigrationIds } from './migration-panel';

interface MigrateDialogProps {
  target: StorageTarget;
  targets: readonly StorageTarget[];
  onClose: () => void;
  onBegun: (ids: MigrationIds) => void;
}

/** Copies every file to another place. */
export function MigrateDialog({ target, targets, onClose, onBegun }: MigrateDialogProps) {
  const prove = useProof();
  const others = targets.filter(({ id }) => id !== target.id);
  const [toId, setTo] = useState(others[0]?.id ?? '');
  const { errors, isBusy, submit } = useForm(
    async () => {
      const { id } = await prove(() => hub.storageTargets.migrate({ storageTargetId: target.id, toId }));
      onBegun({ storageTargetId: target.id, migrationId: id });
      onClose();
    },
    { MIGRATION_RUNNING: 'toId' },
  );
  return (
    <Dialog
      title={`Copy the files of ${target.name}`}
      submit="Copy them"
      busy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      <p className="muted">Each file is compared byte by byte; the originals stay.</p>
      <SelectField label="To" value={toId} error={errors['toId']} onChange={(event) => setTo(event.target.value)}>
        {others.length === 0 && <option value="">Add another place first</option>}
        {others.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
    </Dialog>
  );
}
