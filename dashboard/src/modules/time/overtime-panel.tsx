import type { Claim, OvertimeRequest } from '@loro/contracts/attendance-overtime';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { useMe, usePermission } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { formatCalendarDate, formatMinutes } from '../../ui/format';
import { useForm } from '../auth/use-form';
import { reaches } from '../people/reach';
import { useNames } from '../people/use-names';
import { decisionStates } from './corrections-panel';
import { DecisionRow } from './decision-row';
import { hoursText } from './time-words';

/** Overtime that was worked, and overtime that is asked for beforehand. */
export function OvertimePanel() {
  return (
    <div className="stack">
      <Claims />
      <Requests />
    </div>
  );
}

const byRule = { title: 'Counts by rule', tone: 'good' } as const;

function Claims() {
  const me = useMe();
  const pages = usePages<Claim>((input) => hub.attendance.claims(input), { limit: 15 });
  useHeard(
    (heard) => [hub.attendance.on('overtime:claimed', heard), hub.attendance.on('overtime:decided', heard)],
    pages.retry,
  );
  const names = useNames((pages.rows ?? []).map(({ userId }) => userId));
  return (
    <PagedPanel
      title="Worked overtime"
      pages={pages}
      empty={{ icon: 'check', title: 'No overtime', text: 'What is worked beyond the plan stands here.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map(({ id: claimId, userId, workDate, seconds, state, note, branchId }) => {
            const name = names.get(userId) || 'Somebody';
            const mayDecide =
              state === 'pending' &&
              userId !== me.user.id &&
              reaches(me, 'overtime.decide', { homeBranchId: branchId });
            return (
              <DecisionRow
                key={claimId}
                about={`the overtime of ${name}, ${formatCalendarDate(workDate)}`}
                state={state === 'auto' ? byRule : decisionStates[state]}
                decide={
                  mayDecide
                    ? {
                        approve: () => hub.attendance.approveClaim({ claimId }),
                        reject: (why) => hub.attendance.rejectClaim({ claimId, ...(why !== '' && { note: why }) }),
                      }
                    : null
                }
                onDone={pages.retry}
              >
                <span>
                  {name}, {formatCalendarDate(workDate)}
                </span>
                <span className="small muted num">{[hoursText(seconds), note].filter(Boolean).join(' · ')}</span>
              </DecisionRow>
            );
          })}
        </ul>
      )}
    </PagedPanel>
  );
}

function Requests() {
  const me = useMe();
  const mayAsk = usePermission('overtime.request');
  const [isAsking, setAsking] = useState(false);
  const pages = usePages<OvertimeRequest>((input) => hub.attendance.requests(input), { limit: 15 });
  useHeard((heard) => [hub.attendance.on('overtime:decided', heard)], pages.retry);
  const names = useNames((pages.rows ?? []).map(({ userId }) => userId));
  return (
    <>
      <PagedPanel
        title="Asked for beforehand"
        aside={
          mayAsk && (
            <Button icon="plus" onClick={() => setAsking(true)}>
              Ask for overtime
            </Button>
          )
        }
        pages={pages}
        empty={{
          icon: 'check',
          title: 'Nobody asked',
          text: 'Overtime that is allowed beforehand needs no decision later.',
        }}
      >
        {(rows) => (
          <ul className="row-list">
            {rows.map(({ id: requestId, userId, date, minutes, reason, state, note, branchId }) => {
              const name = names.get(userId) || 'Somebody';
              const isOpen = state === 'pending';
              const isOwn = userId === me.user.id;
              return (
                <DecisionRow
                  key={requestId}
                  about={`the request of ${name}, ${formatCalendarDate(date)}`}
                  state={decisionStates[state]}
                  decide={
                    isOpen && !isOwn && reaches(me, 'overtime.decide', { homeBranchId: branchId })
                      ? {
                          approve: () => hub.attendance.approveRequest({ requestId }),
                          reject: (why) =>
                            hub.attendance.rejectRequest({ requestId, ...(why !== '' && { note: why }) }),
                        }
                      : null
                  }
                  withdraw={isOpen && isOwn ? () => hub.attendance.withdrawRequest({ requestId }) : null}
                  onDone={pages.retry}
                >
                  <span>
                    {name}, {formatCalendarDate(date)}
                  </span>
                  <span className="small muted num">
                    {[formatMinutes(minutes), reason, note].filter(Boolean).join(' · ')}
                  </span>
                </DecisionRow>
              );
            })}
          </ul>
        )}
      </PagedPanel>
      {isAsking && <AskDialog onClose={() => setAsking(false)} onDone={pages.retry} />}
    </>
  );
}

function AskDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const [date, setDate] = useState('');
  const [minutes, setMinutes] = useState('60');
  const [reason, setReason] = useState('');
  const { errors, isBusy, submit } = useForm(
    async () => {
      await hub.attendance.request({ date, minutes: Number(minutes), reason });
      onDone();
      onClose();
    },
    { PERIOD_LOCKED: 'date' },
  );
  return (
    <Dialog title="Ask for overtime" submit="Ask for it" busy={isBusy} onClose={onClose} onSubmit={submit}>
      <TextField
        label="Day"
        type="date"
        value={date}
        error={errors['date']}
        onChange={(event) => setDate(event.target.value)}
      />
      <TextField
        label="Minutes"
        type="number"
        min={1}
        max={1440}
        value={minutes}
        error={errors['minutes']}
        onChange={(event) => setMinutes(event.target.value)}
      />
      <TextField
        label="Why"
        value={reason}
        error={errors['reason']}
        onChange={(event) => setReason(event.target.value)}
      />
    </Dialog>
  );
}
