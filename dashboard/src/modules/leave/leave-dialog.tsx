import type { LeaveType } from '@loro/contracts/leave-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { describeProblem } from '../../app/problem';
import { useMe } from '../../app/session';
import { useRequest } from '../../app/use-request';
import { Dialog } from '../../ui/dialog';
import { SelectField, TextField } from '../../ui/field';
import { toast } from '../../ui/toast';
import { useForm } from '../auth/use-form';
import { daysText } from './leave-words';

interface LeaveDialogProps {
  onClose: () => void;
  onDone: () => void;
}

/** What the hub refuses about the dates as a whole stands below them. */
const ofDates = Object.fromEntries(
  [
    'LEAVE_OVERLAP',
    'LEAVE_NOTICE',
    'LEAVE_PROBATION',
    'LEAVE_TOO_LONG',
    'LEAVE_NO_WORKDAY',
    'COVER_TOO_LOW',
    'PERIOD_LOCKED',
  ].map((code) => [code, 'to']),
);
const byCode = {
  ...ofDates,
  LEAVE_INSUFFICIENT: 'typeId',
  LEAVE_NOT_ELIGIBLE: 'typeId',
  LEAVE_DOCUMENT_MISSING: 'typeId',
  HALF_DAY_INVALID: 'firstHalf',
};

/** Asking for leave of one's own. */
export function LeaveDialog({ onClose, onDone }: LeaveDialogProps) {
  const { user } = useMe();
  const types = useRequest('leave types', async () => (await hub.leave.types({ limit: 200 })).data);
  const balances = useRequest(
    'own balances',
    async () => (await hub.leave.balances({ userId: user.id, limit: 200 })).data,
  );
  const [chosen, setChosen] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [firstHalf, setFirst] = useState('');
  const [lastHalf, setLast] = useState('');
  const [minutes, setMinutes] = useState('');
  const [reason, setReason] = useState('');
  const open = types.state === 'ready' ? types.data.filter(({ isActive }) => isActive) : [];
  const type = open.find(({ id }) => id === chosen) ?? open[0];
  const balance = balances.state === 'ready' ? balances.data.find(({ typeId }) => typeId === type?.id) : undefined;
  const { errors, isBusy, submit } = useForm(async () => {
    const { state, warnings } = await hub.leave.requestLeave({
      typeId: type?.id ?? '',
      from,
      to: to === '' ? from : to,
      firstHalf: halfOf(firstHalf),
      lastHalf: halfOf(lastHalf),
      minutes: minutes === '' ? null : Number(minutes),
      reason: reason.trim() === '' ? null : reason.trim(),
    });
    const detail = warnings[0]?.message;
    toast({
      title: state === 'approved' ? 'It is approved' : 'It waits for a decision',
      ...(detail !== undefined && { detail }),
      tone: 'good',
    });
    onDone();
    onClose();
  }, byCode);
  return (
    <Dialog title="Ask for leave" submit="Ask for it" busy={isBusy} onClose={onClose} onSubmit={submit}>
      {types.state === 'failed' && <p className="field-error">{describeProblem(types.error).detail}</p>}
      {types.state === 'ready' && open.length === 0 && (
        <p className="muted">There is no kind of leave to ask for yet.</p>
      )}
      <SelectField
        label="Kind"
        value={type?.id ?? ''}
        error={errors['typeId']}
        onChange={(event) => setChosen(event.target.value)}
      >
        {open.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      {balance && type?.needsBalance === true && (
        <p className="small muted num">{daysText(balance.available)} left today</p>
      )}
      <div className="field-pair">
        <TextField
          label="From"
          type="date"
          value={from}
          error={errors['from']}
          onChange={(event) => setFrom(event.target.value)}
        />
        <TextField
          label="To"
          type="date"
          min={from}
          value={to}
          error={errors['to']}
          onChange={(event) => setTo(event.target.value)}
        />
      </div>
      {type && (
        <PartFields
          {...{ type, firstHalf, lastHalf, minutes, errors }}
          onFirst={setFirst}
          onLast={setLast}
          onMinutes={setMinutes}
        />
      )}
      <TextField
        label="Why (optional)"
        value={reason}
        error={errors['reason']}
        onChange={(event) => setReason(event.target.value)}
      />
    </Dialog>
  );
}

const halfOf = (text: string): 'first' | 'second' | null => (text === 'first' || text === 'second' ? text : null);

interface PartFieldsProps {
  type: LeaveType;
  firstHalf: string;
  lastHalf: string;
  minutes: string;
  errors: Partial<Record<string, string>>;
  onFirst: (half: string) => void;
  onLast: (half: string) => void;
  onMinutes: (minutes: string) => void;
}

/** Parts of days, as far as the kind of leave knows them. */
function PartFields({ type, firstHalf, lastHalf, minutes, errors, onFirst, onLast, onMinutes }: PartFieldsProps) {
  if (type.unit === 'day') return null;
  const halves = (
    <>
      <option value="">The whole day</option>
      <option value="first">The first half</option>
      <option value="second">The second half</option>
    </>
  );
  return (
    <div className="field-pair">
      <SelectField
        label="Of the first day"
        value={firstHalf}
        error={errors['firstHalf']}
        onChange={(event) => onFirst(event.target.value)}
      >
        {halves}
      </SelectField>
      <SelectField
        label="Of the last day"
        value={lastHalf}
        error={errors['lastHalf']}
        onChange={(event) => onLast(event.target.value)}
      >
        {halves}
      </SelectField>
      {type.unit === 'hour' && (
        <TextField
          label="Minutes of one day (optional)"
          type="number"
          min={1}
          max={1440}
          value={minutes}
          error={errors['minutes']}
          onChange={(event) => onMinutes(event.target.value)}
        />
      )}
    </div>
  );
}
