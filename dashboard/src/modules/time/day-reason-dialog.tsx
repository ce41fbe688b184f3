import type { Day } from '@loro/contracts/attendance-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { useForm } from '../auth/use-form';

export type DayStep = 'excuse' | 'unexcuse' | 'confirm';
export const dayStepTitles: Readonly<Record<DayStep, string>> = {
  excuse: 'Excuse it',
  unexcuse: 'Take the excuse back',
  confirm: 'Let it count',
};

interface DayReasonDialogProps {
  day: Day;
  step: DayStep;
  onClose: () => void;
  onDone: () => void;
}

/** What somebody else's day needs, with a reason that stays. */
export function DayReasonDialog({ day: { id: dayId, userName }, step, onClose, onDone }: DayReasonDialogProps) {
  const [reason, setReason] = useState('');
  const { errors, isBusy, submit } = useForm(async () => {
    const work = {
      excuse: () => hub.attendance.excuse({ dayId, reason }),
      unexcuse: () => hub.attendance.unexcuse({ dayId, reason }),
      confirm: () => hub.attendance.confirm({ dayId, reason }),
    };
    await work[step]();
    onDone();
    onClose();
  });
  return (
    <Dialog
      title={`${dayStepTitles[step]}: ${userName}`}
      submit={dayStepTitles[step]}
      busy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label="Why"
        value={reason}
        error={errors['reason']}
        onChange={(event) => setReason(event.target.value)}
      />
    </Dialog>
  );
}
