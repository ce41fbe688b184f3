import type { LeaveRequestInFull } from '@loro/contracts/leave-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { formatCalendarDate } from '../../ui/format';
import { useForm } from '../auth/use-form';
import { daysText } from './leave-words';

export type LeaveStep = 'approve' | 'reject' | 'withdraw' | 'submit' | 'cancel' | 'shorten';

export const leaveSteps: Readonly<Record<LeaveStep, { title: string; text: string; danger?: boolean }>> = {
  approve: { title: 'Approve', text: 'The days are taken off the balance.' },
  reject: { title: 'Refuse', text: 'The days go back to the balance.', danger: true },
  withdraw: { title: 'Take it back', text: 'Nobody has to decide about it any more.' },
  submit: { title: 'Send it', text: 'Whoever decides is told, and the days are held.' },
  cancel: { title: 'Give it back', text: 'All of its days go back to the balance.', danger: true },
  shorten: { title: 'Come back earlier', text: 'The days after the last one go back to the balance.' },
};

interface LeaveStepDialogProps {
  leave: LeaveRequestInFull;
  step: LeaveStep;
  onClose: () => void;
  onDone: () => void;
}

export function LeaveStepDialog({ leave, step, onClose, onDone }: LeaveStepDialogProps) {
  const { id: requestId, userName, from, to, milliDays } = leave;
  const [note, setNote] = useState('');
  const [last, setLast] = useState(to);
  const { title, text, danger = false } = leaveSteps[step];
  const { errors, isBusy, submit } = useForm(
    async () => {
      const said = note.trim() === '' ? {} : { note: note.trim() };
      const work = {
        approve: () => hub.leave.approveLeave({ requestId, ...said }),
        reject: () => hub.leave.rejectLeave({ requestId, note: note.trim() }),
        withdraw: () => hub.leave.withdrawLeave({ requestId, ...said }),
        submit: () => hub.leave.submitLeave({ requestId }),
        cancel: () => hub.leave.cancelLeave({ requestId, ...said }),
        shorten: () => hub.leave.shortenLeave({ requestId, to: last, ...said }),
      };
      await work[step]();
      onDone();
      onClose();
    },
    { COVER_TOO_LOW: 'note', LEAVE_INSUFFICIENT: 'note', PERIOD_LOCKED: 'note', SELF_APPROVAL: 'note' },
  );
  return (
    <Dialog
      title={`${title}: ${userName}`}
      submit={title}
      danger={danger}
      busy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      <p>
        {formatCalendarDate(from)} – {formatCalendarDate(to)}, {daysText(milliDays)}
      </p>
      <p className="muted small">{text}</p>
      {step === 'shorten' && (
        <TextField
          label="The last day away"
          type="date"
          min={from}
          max={to}
          value={last}
          error={errors['to']}
          onChange={(event) => setLast(event.target.value)}
        />
      )}
      {step !== 'submit' && (
        <TextField
          label={step === 'reject' ? 'Why' : 'A word (optional)'}
          value={note}
          error={errors['note']}
          onChange={(event) => setNote(event.target.value)}
        />
      )}
    </Dialog>
  );
}
