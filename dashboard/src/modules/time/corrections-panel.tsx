import type { Correction } from '@loro/contracts/attendance-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { useMe } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import type { Tone } from '../../ui/badge';
import { Select } from '../../ui/field';
import { formatCalendarDate, formatTime } from '../../ui/format';
import { reaches } from '../people/reach';
import { useNames } from '../people/use-names';
import { DecisionRow } from './decision-row';
import { directionTitles } from './time-words';

export const decisionStates = {
  pending: { title: 'Waits', tone: 'warn' },
  approved: { title: 'Approved', tone: 'good' },
  rejected: { title: 'Refused', tone: 'bad' },
  withdrawn: { title: 'Taken back', tone: 'neutral' },
} as const satisfies Record<Correction['state'], { title: string; tone: Tone }>;
const states = ['pending', 'approved', 'rejected', 'withdrawn'] as const;

/** Days that somebody wants corrected. */
export function CorrectionsPanel() {
  const me = useMe();
  const [state, setState] = useState('pending');
  const wanted = states.find((one) => one === state);
  const filter = wanted ? { state: wanted } : {};
  const pages = usePages<Correction>((input) => hub.attendance.corrections({ ...filter, ...input }), {
    limit: 25,
    key: state,
  });
  useHeard(
    (heard) => [
      hub.attendance.on('attendance:correction-requested', heard),
      hub.attendance.on('attendance:correction-decided', heard),
    ],
    pages.retry,
  );
  const names = useNames((pages.rows ?? []).map(({ userId }) => userId));
  return (
    <PagedPanel
      title="Corrections"
      aside={
        <Select aria-label="State" value={state} onChange={(event) => setState(event.target.value)}>
          {states.map((one) => (
            <option key={one} value={one}>
              {decisionStates[one].title}
            </option>
          ))}
          <option value="">All</option>
        </Select>
      }
      pages={pages}
      empty={{ icon: 'check', title: 'Nothing here', text: 'One asks for a correction from the day itself.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map((correction) => (
            <Row
              key={correction.id}
              correction={correction}
              name={names.get(correction.userId) || 'Somebody'}
              mayDecide={
                correction.userId !== me.user.id &&
                reaches(me, 'attendance.decide-correction', { homeBranchId: correction.branchId })
              }
              isOwn={correction.userId === me.user.id}
              onDone={pages.retry}
            />
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}

interface RowProps {
  correction: Correction;
  name: string;
  mayDecide: boolean;
  isOwn: boolean;
  onDone: () => void;
}

function Row({ correction, name, mayDecide, isOwn, onDone }: RowProps) {
  const { id: correctionId, workDate, punches, reason, state, note, kind } = correction;
  const isOpen = state === 'pending';
  return (
    <DecisionRow
      about={`the correction of ${name}, ${formatCalendarDate(workDate)}`}
      state={decisionStates[state]}
      decide={
        isOpen && mayDecide
          ? {
              approve: () => hub.attendance.approveCorrection({ correctionId }),
              reject: (why) => hub.attendance.rejectCorrection({ correctionId, ...(why !== '' && { note: why }) }),
            }
          : null
      }
      withdraw={isOpen && isOwn ? () => hub.attendance.withdrawCorrection({ correctionId }) : null}
      onDone={onDone}
    >
      <span>
        {name}, {formatCalendarDate(workDate)}
        {kind === 'late-fact' && ' (came after the lock)'}
      </span>
      <span className="small num">
        {punches.map(({ direction, at }) => `${directionTitles[direction]} ${formatTime(at)}`).join(', ') ||
          'No punches'}
      </span>
      <span className="small muted">{[reason, note].filter(Boolean).join(' · ')}</span>
    </DecisionRow>
  );
}
