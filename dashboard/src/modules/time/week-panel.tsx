import type { Branch } from '@loro/contracts/branches';
import type { Day } from '@loro/contracts/attendance-values';
import { useEffect, useState } from 'react';
import { hub } from '../../app/hub';
import { Loaded } from '../../app/loaded';
import { setQuery, useRoute } from '../../app/routes';
import { scopeOf, useMe } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { useRequest } from '../../app/use-request';
import { Button } from '../../ui/button';
import { formatCalendarDate, formatCalendarDay } from '../../ui/format';
import { Empty, Panel } from '../../ui/panel';
import { hubNow } from '../../ui/use-now';
import { BranchChoice, useChosenBranch } from '../branches/branch-choice';
import { daysBefore, todayIn } from '../reports/dates';
import { DayPanel } from './day-panel';
import { mondayOf } from './time-words';
import { WeekGrid } from './week-grid';

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The week of a branch, a line a person; what is chosen opens beside it. */
export function WeekPanel({ branches }: { branches: readonly Branch[] }) {
  const me = useMe();
  const { query } = useRoute();
  const isOwn = scopeOf(me, 'attendance.read') === 'own';
  const [branchId, choose] = useChosenBranch(branches);
  const zone = branches.find(({ id }) => id === branchId)?.timezone ?? here;
  const monday = mondayOf(query.get('week') ?? todayIn(zone, hubNow()));
  const after = daysBefore(monday, -7);
  const filter = isOwn ? { userId: me.user.id } : { branchId };
  const request = useRequest(`${JSON.stringify(filter)} ${monday}`, () =>
    readAll({ ...filter, from: monday, to: after }),
  );
  useHeard((heard) => [hub.attendance.on('attendance:day-updated', heard)], request.reload);
  useFollowed(branchId);
  const [chosen, setChosen] = useState<string | null>(null);
  const move = (days: number) => {
    setChosen(null);
    setQuery('week', daysBefore(monday, -days));
  };
  return (
    <div className={chosen === null ? 'split' : 'split split-open'}>
      <Panel
        title={`${formatCalendarDay(monday)} – ${formatCalendarDate(daysBefore(monday, -6))}`}
        aside={
          <div className="page-tools">
            {!isOwn && <BranchChoice branches={branches} value={branchId} onChange={choose} />}
            <Button onClick={() => move(-7)}>Week before</Button>
            <Button onClick={() => move(7)}>Week after</Button>
          </div>
        }
        flush
      >
        <Loaded request={request} what="the week" lines={6}>
          {(days) =>
            days.length === 0 ? (
              <Empty icon="checkIns" title="Nothing stands in this week">
                Days appear with the first check-in, or with a plan of shifts.
              </Empty>
            ) : (
              <WeekGrid days={days} monday={monday} openId={chosen} onOpen={setChosen} />
            )
          }
        </Loaded>
      </Panel>
      {chosen !== null && (
        <div>
          <button type="button" className="split-back button button-quiet" onClick={() => setChosen(null)}>
            The whole week
          </button>
          <DayPanel key={chosen} dayId={chosen} onChange={request.reload} />
        </div>
      )}
    </div>
  );
}

function useFollowed(branchId: string): void {
  useEffect(() => {
    if (branchId === '') return;
    const subscription = hub.attendance.subscribe('attendance', branchId);
    // A refused stream costs the live update; the week is there all the same.
    subscription.ready.catch(() => undefined);
    return () => subscription.close();
  }, [branchId]);
}

async function readAll(query: { from: string; to: string; branchId?: string; userId?: string }): Promise<Day[]> {
  const days: Day[] = [];
  for await (const { data } of hub.attendance.pages('days', { ...query, limit: 200 })) days.push(...data);
  return days;
}
