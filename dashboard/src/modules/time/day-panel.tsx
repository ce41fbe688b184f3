import type { Day, DayExplanation } from '@loro/contracts/attendance-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { LoadedPanel } from '../../app/loaded';
import { useMe } from '../../app/session';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { formatCalendarDate } from '../../ui/format';
import { Panel } from '../../ui/panel';
import { reaches } from '../people/reach';
import { CorrectionDialog } from './correction-dialog';
import { DayReasonDialog, type DayStep, dayStepTitles } from './day-reason-dialog';
import { directionTitles, flagTitles, hoursText, statuses } from './time-words';

/** Why a day is as it is, and what can be done about it. */
export function DayPanel({ dayId, onChange }: { dayId: string; onChange: () => void }) {
  const request = useRequest(dayId, () => hub.attendance.explain({ dayId }));
  const changed = () => {
    request.reload();
    onChange();
  };
  return (
    <LoadedPanel request={request} what="the day" lines={5}>
      {(explained) => (
        <>
          <Summary day={explained.day} onChange={changed} />
          <How explained={explained} />
        </>
      )}
    </LoadedPanel>
  );
}

function Summary({ day, onChange }: { day: Day; onChange: () => void }) {
  const me = useMe();
  const [asked, setAsked] = useState<DayStep | 'correct' | null>(null);
  const { userId, userName, workDate, status, flags, lockedAt, branchId } = day;
  const isOwn = userId === me.user.id;
  const mayCorrect =
    isOwn && lockedAt === null && reaches(me, 'attendance.request-correction', { id: userId, homeBranchId: branchId });
  const steps = stepsOf(day).filter(
    (step) => !isOwn && lockedAt === null && reaches(me, permissions[step], { homeBranchId: branchId }),
  );
  return (
    <Panel
      title={`${userName}, ${formatCalendarDate(workDate)}`}
      aside={<Badge tone={statuses[status].tone}>{statuses[status].title}</Badge>}
    >
      <div className="stack">
        <dl className="facts">
          {factsOf(day).map(([title, value]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd className="num">{value}</dd>
            </div>
          ))}
        </dl>
        {flags.length > 0 && (
          <ul className="time-flags" aria-label="What was noticed">
            {flags.map((flag) => (
              <li key={flag}>
                <Badge tone="warn">{flagTitles[flag]}</Badge>
              </li>
            ))}
          </ul>
        )}
        {lockedAt !== null && <p className="small muted">Its period is locked: nothing of it changes any more.</p>}
        {(mayCorrect || steps.length > 0) && (
          <div className="actions">
            {mayCorrect && <Button onClick={() => setAsked('correct')}>Ask for a correction</Button>}
            {steps.map((step) => (
              <Button key={step} onClick={() => setAsked(step)}>
                {dayStepTitles[step]}
              </Button>
            ))}
          </div>
        )}
      </div>
      {asked === 'correct' && <CorrectionDialog day={day} onClose={() => setAsked(null)} onDone={onChange} />}
      {asked !== null && asked !== 'correct' && (
        <DayReasonDialog day={day} step={asked} onClose={() => setAsked(null)} onDone={onChange} />
      )}
    </Panel>
  );
}

const permissions = {
  excuse: 'attendance.excuse',
  unexcuse: 'attendance.excuse',
  confirm: 'attendance.decide-correction',
} as const satisfies Record<DayStep, string>;

function stepsOf({ status, pendingSec }: Day): readonly DayStep[] {
  const steps: DayStep[] = [];
  if (status === 'excused') steps.push('unexcuse');
  if (status === 'absent' || status === 'half_day' || status === 'incomplete') steps.push('excuse');
  if (pendingSec > 0) steps.push('confirm');
  return steps;
}

/** The hour in the zone of the day. */
const timeIn = (instant: string, timeZone: string): string =>
  new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', timeZone }).format(new Date(instant));

function factsOf(day: Day): readonly (readonly [string, string])[] {
  const { timezone: zone, scheduledStart, scheduledEnd, firstIn, lastOut } = day;
  const facts: readonly (readonly [string, string | false | null])[] = [
    ['Planned', scheduledStart && scheduledEnd && `${timeIn(scheduledStart, zone)}–${timeIn(scheduledEnd, zone)}`],
    ['First in', firstIn && timeIn(firstIn, zone)],
    ['Last out', lastOut && timeIn(lastOut, zone)],
    ['Worked', hoursText(day.workedSec)],
    ['Breaks', day.breakSec > 0 && hoursText(day.breakSec)],
    ['Late', day.lateSec > 0 && hoursText(day.lateSec)],
    ['Left early', day.earlySec > 0 && hoursText(day.earlySec)],
    ['At night', day.nightSec > 0 && hoursText(day.nightSec)],
    ['Overtime', day.ot1Sec + day.ot2Sec > 0 && hoursText(day.ot1Sec + day.ot2Sec)],
    ['Overtime, not approved', day.otUnapprovedSec > 0 && hoursText(day.otUnapprovedSec)],
    ['To be confirmed', day.pendingSec > 0 && hoursText(day.pendingSec)],
  ];
  return facts.flatMap(([title, value]) => (value ? [[title, value] as const] : []));
}

/** Its punches, and how they were paired. */
function How({ explained: { day, punches, pairs, holiday, policyName } }: { explained: DayExplanation }) {
  const zone = day.timezone;
  return (
    <Panel title="How it came about" flush>
      <ul className="row-list">
        {punches.map(({ id, at, direction, source, verification, voidedAt }) => (
          <li className="row" key={id}>
            <span className="row-text">
              <span className="num">
                {timeIn(at, zone)} {directionTitles[direction]}
              </span>
              <span className="small muted">
                {[source, verification, voidedAt !== null && 'does not count'].filter(Boolean).join(' · ')}
              </span>
            </span>
          </li>
        ))}
        {pairs.map((pair) => (
          <li className="row" key={`${pair.in} ${pair.out ?? ''}`}>
            <span className="row-text">
              <span className="num">
                {timeIn(pair.in, zone)}–{pair.out === null ? 'goes on' : timeIn(pair.out, zone)} counts{' '}
                {hoursText(pair.seconds)}
              </span>
              <span className="small muted num">
                {[
                  ...pair.breaks.map(({ from, to }) => `break ${timeIn(from, zone)}–${timeIn(to, zone)}`),
                  pair.closedBy !== 'punch' && pair.out !== null && 'ended by rule',
                  pair.isPending && 'waits to be confirmed',
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            </span>
          </li>
        ))}
      </ul>
      {(holiday !== null || policyName !== null || punches.length === 0) && (
        <p className="small muted time-note">
          {[punches.length === 0 && 'Nobody punched.', holiday, policyName && `Overtime by ${policyName}.`]
            .filter(Boolean)
            .join(' ')}
        </p>
      )}
    </Panel>
  );
}
