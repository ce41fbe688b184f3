import type { Day, Direction } from '@loro/contracts/attendance-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useRequest } from '../../app/use-request';
import { Button, IconButton } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Select, TextField } from '../../ui/field';
import { formatCalendarDate } from '../../ui/format';
import { toast } from '../../ui/toast';
import { useForm } from '../auth/use-form';
import { directionTitles } from './time-words';

interface CorrectionDialogProps {
  day: Day;
  onClose: () => void;
  onDone: () => void;
}

const directions = ['in', 'out', 'break_start', 'break_end'] as const satisfies readonly Direction[];
interface Line {
  direction: Direction;
  /** Local time of this device. */
  at: string;
}

/** The punches that a day should have, for somebody else to decide about. */
export function CorrectionDialog(props: CorrectionDialogProps) {
  const { day } = props;
  const request = useRequest(day.id, () => hub.attendance.explain({ dayId: day.id }));
  if (request.state !== 'ready') return null;
  const lines = request.data.punches
    .filter(({ voidedAt }) => voidedAt === null)
    .map(({ direction, at }) => ({ direction, at: localOf(at) }));
  return <CorrectionForm {...props} lines={lines} />;
}

function CorrectionForm({ day, onClose, onDone, lines: before }: CorrectionDialogProps & { lines: readonly Line[] }) {
  const [lines, setLines] = useState(before);
  const [reason, setReason] = useState('');
  const { errors, isBusy, submit } = useForm(
    async () => {
      const punches = lines.map(({ direction, at }) => ({ direction, at: new Date(at).toISOString() }));
      await hub.attendance.correct({ dayId: day.id, punches, reason });
      toast({ title: 'It waits for a decision', tone: 'good' });
      onDone();
      onClose();
    },
    { PUNCH_IN_FUTURE: 'punches' },
  );
  const change = (at: number, next: Line) => setLines((old) => old.map((line, index) => (index === at ? next : line)));
  const wrong = errors['punches'] ?? errors['at'];
  return (
    <Dialog
      title={`Correct ${formatCalendarDate(day.workDate)}`}
      submit="Ask for it"
      busy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      <p className="small muted">Say all punches that the day should have.</p>
      {lines.map((line, at) => (
        // Lines have no name but their number.
        // oxlint-disable-next-line react/no-array-index-key
        <div className="punch-line" key={at}>
          <Select
            aria-label={`Punch ${at + 1}`}
            value={line.direction}
            onChange={({ target }) =>
              change(at, { ...line, direction: directions.find((one) => one === target.value) ?? line.direction })
            }
          >
            {directions.map((direction) => (
              <option key={direction} value={direction}>
                {directionTitles[direction]}
              </option>
            ))}
            {line.direction === 'auto' && <option value="auto">{directionTitles.auto}</option>}
          </Select>
          <input
            className="input"
            type="datetime-local"
            aria-label={`When of punch ${at + 1}`}
            value={line.at}
            onChange={({ target }) => change(at, { ...line, at: target.value })}
          />
          <IconButton
            icon="close"
            label={`Take punch ${at + 1} away`}
            onClick={() => setLines((old) => old.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <Button
        kind="quiet"
        icon="plus"
        onClick={() =>
          setLines((old) => [
            ...old,
            {
              direction: old.length % 2 === 0 ? 'in' : 'out',
              at: `${day.workDate}T${old.length % 2 === 0 ? '08:00' : '17:00'}`,
            },
          ])
        }
      >
        Add a punch
      </Button>
      {wrong !== undefined && <p className="field-error">{wrong}</p>}
      <TextField
        label="Why"
        value={reason}
        error={errors['reason']}
        onChange={(event) => setReason(event.target.value)}
      />
    </Dialog>
  );
}

/** An instant as a field for local time holds it. */
function localOf(instant: string): string {
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
