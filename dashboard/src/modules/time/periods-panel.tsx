import type { Period } from '@loro/contracts/attendance-periods';
import type { Branch } from '@loro/contracts/branches';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { useMe, usePermission } from '../../app/session';
import { useAction } from '../../app/use-action';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { Badge, type Tone } from '../../ui/badge';
import { Button } from '../../ui/button';
import { formatCalendarDate, formatCalendarDay } from '../../ui/format';
import { reaches } from '../people/reach';
import { useNames } from '../people/use-names';
import { daysBefore } from '../reports/dates';
import { PeriodDialog, ReopenDialog } from './period-dialogs';

const states: Readonly<Record<Period['state'], { title: string; tone: Tone }>> = {
  open: { title: 'Open', tone: 'info' },
  submitted: { title: 'Handed in', tone: 'warn' },
  approved: { title: 'Approved', tone: 'good' },
  locked: { title: 'Locked', tone: 'neutral' },
};

/** What comes next, and who may do it. */
const steps = {
  open: { title: 'Hand in', permission: 'attendance.submit-period' },
  submitted: { title: 'Approve', permission: 'attendance.approve-period' },
  approved: { title: 'Lock', permission: 'attendance.lock-period' },
  locked: { title: 'Open again', permission: 'attendance.reopen-period' },
} as const satisfies Record<Period['state'], { title: string; permission: string }>;

/** Spans of days that are handed in, approved and locked. */
export function PeriodsPanel({ branches }: { branches: readonly Branch[] }) {
  const mayOpen = usePermission('attendance.open-period');
  const [isOpening, setOpening] = useState(false);
  const [reopened, setReopened] = useState<Period | null>(null);
  const pages = usePages<Period>((input) => hub.attendance.periods(input), { limit: 25 });
  useHeard((heard) => [hub.attendance.on('attendance:period-changed', heard)], pages.retry);
  const names = useNames((pages.rows ?? []).map(({ userId }) => userId));
  const whose = ({ userId, branchId }: Period): string =>
    (userId !== null && names.get(userId)) || branches.find(({ id }) => id === branchId)?.name || 'Everybody';
  return (
    <>
      <PagedPanel
        title="Periods"
        aside={
          mayOpen && (
            <Button icon="plus" onClick={() => setOpening(true)}>
              Open a period
            </Button>
          )
        }
        pages={pages}
        empty={{
          icon: 'journal',
          title: 'No periods',
          text: 'A month or a week is opened, handed in, approved and locked.',
        }}
      >
        {(rows) => (
          <ul className="row-list">
            {rows.map((period) => (
              <PeriodRow
                key={period.id}
                period={period}
                whose={whose(period)}
                onReopen={() => setReopened(period)}
                onDone={pages.retry}
              />
            ))}
          </ul>
        )}
      </PagedPanel>
      {isOpening && <PeriodDialog branches={branches} onClose={() => setOpening(false)} onDone={pages.retry} />}
      {reopened && <ReopenDialog period={reopened} onClose={() => setReopened(null)} onDone={pages.retry} />}
    </>
  );
}

interface PeriodRowProps {
  period: Period;
  whose: string;
  onReopen: () => void;
  onDone: () => void;
}

function PeriodRow({ period, whose, onReopen, onDone }: PeriodRowProps) {
  const me = useMe();
  const { busy, run } = useAction();
  const { id: periodId, from, to, state, branchId, userId, reopenReason } = period;
  const { title, permission } = steps[state];
  const mayGoOn = reaches(me, permission, { homeBranchId: branchId, ...(userId !== null && { id: userId }) });
  const goOn = async () => {
    if (state === 'locked') return onReopen();
    const work = {
      open: () => hub.attendance.submitPeriod({ periodId }),
      submitted: () => hub.attendance.approvePeriod({ periodId }),
      approved: () => hub.attendance.lockPeriod({ periodId }),
    };
    if (await run(state, work[state])) onDone();
  };
  const span = `${formatCalendarDay(from)} – ${formatCalendarDate(daysBefore(to, 1))}`;
  return (
    <li className="row row-wrap">
      <span className="row-text">
        <span>{span}</span>
        <span className="small muted">
          {[whose, reopenReason && `opened again: ${reopenReason}`].filter(Boolean).join(' · ')}
        </span>
      </span>
      <span className="row-end">
        <Badge tone={states[state].tone}>{states[state].title}</Badge>
        {mayGoOn && (
          <Button busy={busy !== null} aria-label={`${title}: ${whose}, ${span}`} onClick={() => void goOn()}>
            {title}
          </Button>
        )}
      </span>
    </li>
  );
}
