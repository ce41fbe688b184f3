import type { LeaveRequestInFull } from '@loro/contracts/leave-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { LoadedPanel } from '../../app/loaded';
import { useMe } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { formatCalendarDate, formatMoment } from '../../ui/format';
import { Panel } from '../../ui/panel';
import { reaches } from '../people/reach';
import { useNames } from '../people/use-names';
import { type LeaveStep, LeaveStepDialog, leaveSteps } from './leave-step-dialog';
import { daysText, states } from './leave-words';

/** One request with its days, and what may be done about it. */
export function RequestPanel({ requestId, onChange }: { requestId: string; onChange: () => void }) {
  const request = useRequest(requestId, () => hub.leave.request({ requestId }));
  useHeard(
    (heard) => [hub.leave.on('leave:decided', (told) => told.requestId === requestId && heard())],
    () => request.reload(),
  );
  const changed = () => {
    request.reload();
    onChange();
  };
  return (
    <LoadedPanel request={request} what="the request" lines={4}>
      {(leave) => <Known leave={leave} onChange={changed} />}
    </LoadedPanel>
  );
}

function Known({ leave, onChange }: { leave: LeaveRequestInFull; onChange: () => void }) {
  const me = useMe();
  const [asked, setAsked] = useState<LeaveStep | null>(null);
  const { userId, userName, state, branchId, warnings, approvers, days } = leave;
  const isOwn = userId === me.user.id;
  const isAsked = approvers.some((one) => one.userId === me.user.id && one.state === 'waiting');
  const mayDecide = !isOwn && (isAsked || reaches(me, 'leave.decide', { homeBranchId: branchId }));
  const names = useNames(approvers.map((one) => one.userId));
  const open = stepsOf(leave, { isOwn, mayDecide });
  return (
    <Panel title={userName} aside={<Badge tone={states[state].tone}>{states[state].title}</Badge>}>
      <div className="stack">
        {warnings.map(({ code, message, dates }) => (
          <p className="leave-warning small" key={code} role="note">
            {message} ({dates.map((date) => formatCalendarDate(date)).join(', ')})
          </p>
        ))}
        <dl className="facts">
          {factsOf(leave).map(([title, value]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {approvers.length > 0 && (
          <ol className="small" aria-label="Who decides">
            {approvers.map((one) => (
              <li key={one.userId}>
                {names.get(one.userId) || 'Somebody'}: {approverTitles[one.state]}
                {one.at !== null && `, ${formatMoment(one.at)}`}
              </li>
            ))}
          </ol>
        )}
        <details>
          <summary>{days.length === 1 ? '1 day' : `${days.length} days`}, one by one</summary>
          <ul className="small num">
            {days.map(({ date, milliDays, half, mark, isReleased }) => (
              <li key={date}>
                {formatCalendarDate(date)}:{' '}
                {isReleased ? 'given back' : (mark ?? `${daysText(milliDays)}${half === null ? '' : `, ${half} half`}`)}
              </li>
            ))}
          </ul>
        </details>
        {open.length > 0 && (
          <div className="actions">
            {open.map((step) => (
              <Button
                key={step}
                kind={step === 'approve' ? 'primary' : step === 'reject' ? 'danger' : 'plain'}
                onClick={() => setAsked(step)}
              >
                {leaveSteps[step].title}
              </Button>
            ))}
          </div>
        )}
      </div>
      {asked && <LeaveStepDialog leave={leave} step={asked} onClose={() => setAsked(null)} onDone={onChange} />}
    </Panel>
  );
}

const approverTitles = { waiting: 'waits', approved: 'agreed', rejected: 'refused' } as const;

function stepsOf(
  { state, from }: LeaveRequestInFull,
  { isOwn, mayDecide }: { isOwn: boolean; mayDecide: boolean },
): readonly LeaveStep[] {
  const today = new Date().toISOString().slice(0, 10);
  const steps: LeaveStep[] = [];
  if (state === 'pending' && mayDecide) steps.push('approve', 'reject');
  if (state === 'pending' && isOwn) steps.push('withdraw');
  if (state === 'draft' && isOwn) steps.push('submit');
  if (state === 'approved' && (isOwn || mayDecide)) steps.push(from > today ? 'cancel' : 'shorten');
  return steps;
}

function factsOf(leave: LeaveRequestInFull): readonly (readonly [string, string])[] {
  const { from, to, firstHalf, lastHalf, minutes, milliDays, typeCode, reason, note, requestedAt, decidedAt } = leave;
  const facts: readonly (readonly [string, string | false | null])[] = [
    ['From', formatCalendarDate(from) + (firstHalf === null ? '' : `, ${firstHalf} half`)],
    ['To', formatCalendarDate(to) + (lastHalf === null ? '' : `, ${lastHalf} half`)],
    ['Costs', daysText(milliDays)],
    ['Of that day', minutes !== null && `${minutes} minutes`],
    ['Kind', typeCode],
    ['Why', reason],
    ['Answer', note],
    ['Asked', requestedAt && formatMoment(requestedAt)],
    ['Decided', decidedAt && formatMoment(decidedAt)],
  ];
  return facts.flatMap(([title, value]) => (value ? [[title, value] as const] : []));
}
