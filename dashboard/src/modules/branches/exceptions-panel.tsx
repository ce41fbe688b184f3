import type { Branch } from '@loro/contracts/branches';
import type { HoursException } from '@loro/contracts/branches-hours';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { Loaded } from '../../app/loaded';
import { useMe } from '../../app/session';
import { useAction } from '../../app/use-action';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { formatCalendarDate } from '../../ui/format';
import { Empty, Panel } from '../../ui/panel';
import { Segments } from '../../ui/segments';
import { useForm } from '../auth/use-form';
import { reaches } from '../people/reach';
import { SpanFields } from './span-fields';

/** The dates on which a branch is open otherwise than on their weekday. */
export function ExceptionsPanel({ branch }: { branch: Branch }) {
  const { id: branchId, version } = branch;
  const mayUpdate = reaches(useMe(), 'branches.update', { homeBranchId: branchId });
  const request = useRequest(`${branchId} ${version}`, () => hub.branches.hours({ branchId }));
  const { busy, run } = useAction();
  const [edited, setEdited] = useState<HoursException | 'new' | null>(null);
  const [removed, setRemoved] = useState<HoursException | null>(null);
  const remove = async ({ date }: HoursException) => {
    if (await run('remove', () => hub.branches.removeException({ branchId, date }))) request.reload();
    setRemoved(null);
  };
  return (
    <Panel
      title="Dates that are different"
      aside={
        mayUpdate && (
          <Button icon="plus" onClick={() => setEdited('new')}>
            Add a date
          </Button>
        )
      }
      flush
    >
      <Loaded request={request} what="the dates">
        {({ exceptions }) => (
          <>
            {exceptions.length === 0 && (
              <Empty icon="checkIns" title="Every week is like the other">
                Add the dates on which it is not.
              </Empty>
            )}
            <ul className="row-list">
              {exceptions.map((exception) => (
                <li className="row" key={exception.date}>
                  <span className="row-text">
                    <span>{formatCalendarDate(exception.date)}</span>
                    <span className="small muted">{wordsOf(exception)}</span>
                  </span>
                  <span className="row-end">
                    {exception.isClosed && <Badge>Closed</Badge>}
                    {mayUpdate && (
                      <>
                        <Button
                          kind="quiet"
                          aria-label={`Change ${formatCalendarDate(exception.date)}`}
                          onClick={() => setEdited(exception)}
                        >
                          Change
                        </Button>
                        <Button
                          kind="quiet"
                          aria-label={`Take ${formatCalendarDate(exception.date)} away`}
                          onClick={() => setRemoved(exception)}
                        >
                          Take away
                        </Button>
                      </>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
      </Loaded>
      {edited && (
        <ExceptionDialog
          branchId={branchId}
          exception={edited === 'new' ? null : edited}
          onClose={() => setEdited(null)}
          onSaved={request.reload}
        />
      )}
      {removed && (
        <Confirm
          title={`Take ${formatCalendarDate(removed.date)} away?`}
          submit="Take it away"
          busy={busy !== null}
          onClose={() => setRemoved(null)}
          onConfirm={() => void remove(removed)}
        >
          The date is then as its weekday is.
        </Confirm>
      )}
    </Panel>
  );
}

function wordsOf({ isClosed, intervals, cutTail, reason }: HoursException): string {
  const hours = isClosed ? null : intervals.map(({ opensAt, closesAt }) => `${opensAt}–${closesAt}`).join(', ');
  return [reason, hours, cutTail && 'the evening before ends at midnight'].filter(Boolean).join(' · ');
}

interface ExceptionDialogProps {
  branchId: string;
  exception: HoursException | null;
  onClose: () => void;
  onSaved: () => void;
}

function ExceptionDialog({ branchId, exception, onClose, onSaved }: ExceptionDialogProps) {
  const [date, setDate] = useState(exception?.date ?? '');
  const [intervals, setIntervals] = useState(exception?.intervals ?? []);
  const [isClosed, setClosed] = useState(exception?.isClosed ?? true);
  const [cutTail, setCut] = useState(exception?.cutTail ?? false);
  const [reason, setReason] = useState(exception?.reason ?? '');
  const { errors, isBusy, submit } = useForm(
    async () => {
      await hub.branches.setException({
        branchId,
        date,
        isClosed,
        intervals: isClosed ? [] : [...intervals],
        cutTail,
        reason: reason.trim() === '' ? null : reason.trim(),
      });
      onSaved();
      onClose();
    },
    { HOURS_OVERLAP: 'intervals' },
  );
  return (
    <Dialog
      title={exception ? formatCalendarDate(exception.date) : 'A date that is different'}
      submit="Set it"
      busy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      {exception === null && (
        <TextField
          label="Date"
          type="date"
          value={date}
          error={errors['date']}
          onChange={(event) => setDate(event.target.value)}
        />
      )}
      <Segments
        legend="What it is"
        choices={[
          { choice: 'closed', title: 'Closed' },
          { choice: 'hours', title: 'Other hours' },
        ]}
        value={isClosed ? 'closed' : 'hours'}
        onChange={(choice) => {
          setClosed(choice === 'closed');
          if (choice === 'hours' && intervals.length === 0) setIntervals([{ opensAt: '09:00', closesAt: '13:00' }]);
        }}
      />
      {!isClosed && <SpanFields day="That day" spans={intervals} onChange={(next) => setIntervals([...next])} />}
      {errors['intervals'] !== undefined && <p className="field-error">{errors['intervals']}</p>}
      <TextField
        label="Why (optional)"
        value={reason}
        error={errors['reason']}
        onChange={(event) => setReason(event.target.value)}
      />
      <label className="check">
        <input type="checkbox" checked={cutTail} onChange={(event) => setCut(event.target.checked)} />
        What opened the evening before ends at midnight
      </label>
    </Dialog>
  );
}
