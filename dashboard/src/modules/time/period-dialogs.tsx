import type { Period } from '@loro/contracts/attendance-periods';
import type { Branch } from '@loro/contracts/branches';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { Dialog } from '../../ui/dialog';
import { SelectField, TextField } from '../../ui/field';
import { useForm } from '../auth/use-form';
import { daysBefore } from '../reports/dates';

interface DialogProps {
  onClose: () => void;
  onDone: () => void;
}

export function PeriodDialog({ branches, onClose, onDone }: DialogProps & { branches: readonly Branch[] }) {
  const [from, setFrom] = useState('');
  const [last, setLast] = useState('');
  const [branchId, setBranch] = useState('');
  const { errors, isBusy, submit } = useForm(
    async () => {
      // The hub counts up to a date that is no part of it.
      const to = last === '' ? '' : daysBefore(last, -1);
      await hub.attendance.openPeriod({ from, to, branchId: branchId === '' ? null : branchId });
      onDone();
      onClose();
    },
    { PERIOD_OVERLAP: 'from' },
  );
  return (
    <Dialog title="Open a period" submit="Open it" busy={isBusy} onClose={onClose} onSubmit={submit}>
      <TextField
        label="First day"
        type="date"
        value={from}
        error={errors['from']}
        onChange={(event) => setFrom(event.target.value)}
      />
      <TextField
        label="Last day"
        type="date"
        value={last}
        error={errors['to']}
        onChange={(event) => setLast(event.target.value)}
      />
      <SelectField
        label="Of"
        value={branchId}
        error={errors['branchId']}
        onChange={(event) => setBranch(event.target.value)}
      >
        <option value="">Everybody</option>
        {branches.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
    </Dialog>
  );
}

export function ReopenDialog({ period, onClose, onDone }: DialogProps & { period: Period }) {
  const [reason, setReason] = useState('');
  const { errors, isBusy, submit } = useForm(async () => {
    await hub.attendance.reopenPeriod({ periodId: period.id, reason });
    onDone();
    onClose();
  });
  return (
    <Dialog title="Open it again?" submit="Open it again" danger busy={isBusy} onClose={onClose} onSubmit={submit}>
      <p className="muted">Its days can change again, also those that were paid already.</p>
      <TextField
        label="Why"
        value={reason}
        error={errors['reason']}
        onChange={(event) => setReason(event.target.value)}
      />
    </Dialog>
  );
}
