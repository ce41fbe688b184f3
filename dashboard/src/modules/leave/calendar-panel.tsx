import type { Branch } from '@loro/contracts/branches';
import type { CalendarLeave } from '@loro/contracts/leave-values';
import { hub } from '../../app/hub';
import { Loaded } from '../../app/loaded';
import { setQuery, useRoute } from '../../app/routes';
import { useHeard } from '../../app/use-heard';
import { useRequest } from '../../app/use-request';
import { Button } from '../../ui/button';
import { Panel } from '../../ui/panel';
import { hubNow } from '../../ui/use-now';
import { BranchPicker } from '../branches/branch-picker';
import { useSelectedBranch } from '../branches/use-branches';
import { todayIn } from '../reports/dates';
import { CalendarGrid } from './calendar-grid';
import { monthBeside, monthTitle } from './leave-words';

interface CalendarPanelProps {
  branches: readonly Branch[];
  round: number;
  openId: string | null;
  onOpen: (requestId: string) => void;
}

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Who is away in a month. */
export function CalendarPanel({ branches, round, openId, onOpen }: CalendarPanelProps) {
  const { query } = useRoute();
  const [branchId, choose] = useSelectedBranch(branches);
  const today = todayIn(here, hubNow());
  const month = /^\d{4}-\d{2}$/.test(query.get('month') ?? '') ? (query.get('month') ?? '') : today.slice(0, 7);
  const days = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
  const span = { from: `${month}-01`, to: `${month}-${days}` };
  const request = useRequest(`${month} ${branchId ?? ''} ${round}`, () =>
    readAll({ ...span, ...(branchId !== null && { branchId }) }),
  );
  useHeard((heard) => [hub.leave.on('leave:requested', heard), hub.leave.on('leave:decided', heard)], request.reload);
  return (
    <Panel
      title={monthTitle(month)}
      aside={
        <div className="page-tools">
          <BranchPicker branches={branches} value={branchId} onChange={choose} />
          <Button onClick={() => setQuery('month', monthBeside(month, -1))}>Month before</Button>
          <Button onClick={() => setQuery('month', monthBeside(month, 1))}>Month after</Button>
        </div>
      }
      flush
    >
      <Loaded request={request} what="the month" lines={6}>
        {(leaves) => <CalendarGrid month={month} today={today} leaves={leaves} openId={openId} onOpen={onOpen} />}
      </Loaded>
    </Panel>
  );
}

async function readAll(query: { from: string; to: string; branchId?: string }): Promise<CalendarLeave[]> {
  const leaves: CalendarLeave[] = [];
  for await (const { data } of hub.leave.pages('calendar', { ...query, limit: 200 })) leaves.push(...data);
  return leaves;
}
