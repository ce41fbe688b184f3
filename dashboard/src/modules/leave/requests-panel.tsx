import type { Branch } from '@loro/contracts/branches';
import type { LeaveRequest } from '@loro/contracts/leave-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { Badge } from '../../ui/badge';
import { Face } from '../../ui/face';
import { SelectField } from '../../ui/field';
import { formatCalendarDate, formatCalendarDay } from '../../ui/format';
import { daysText, stateNames, states } from './leave-words';

interface RequestsPanelProps {
  branches: readonly Branch[];
  round: number;
  openId: string | null;
  onOpen: (requestId: string) => void;
}

/** Leave that is asked for, and what became of it. */
export function RequestsPanel({ branches, round, openId, onOpen }: RequestsPanelProps) {
  const [state, setState] = useState('pending');
  const [branchId, setBranch] = useState('');
  const wanted = stateNames.find((one) => one === state);
  const filter = { ...(wanted && { state: wanted }), ...(branchId !== '' && { branchId }) };
  const pages = usePages<LeaveRequest>((input) => hub.leave.requests({ ...filter, ...input }), {
    limit: 25,
    key: JSON.stringify(filter),
    round,
  });
  useHeard((heard) => [hub.leave.on('leave:requested', heard), hub.leave.on('leave:decided', heard)], pages.retry);
  return (
    <PagedPanel
      title="Requests"
      tools={
        <>
          <SelectField label="State" value={state} onChange={(event) => setState(event.target.value)}>
            {stateNames.map((one) => (
              <option key={one} value={one}>
                {states[one].title}
              </option>
            ))}
            <option value="">All</option>
          </SelectField>
          {branches.length > 1 && (
            <SelectField label="Branch" value={branchId} onChange={(event) => setBranch(event.target.value)}>
              <option value="">All branches</option>
              {branches.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </SelectField>
          )}
        </>
      }
      pages={pages}
      empty={{ icon: 'check', title: 'Nothing here', text: 'Requests for leave stand here until they are decided.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map(({ id, userName, typeCode, from, to, milliDays, state: now }) => (
            <li key={id}>
              <button
                type="button"
                className="row"
                aria-current={id === openId ? 'true' : undefined}
                onClick={() => onOpen(id)}
              >
                <Face name={userName} />
                <span className="row-text">
                  <span className="truncate">{userName}</span>
                  <span className="small muted truncate">
                    {from === to ? formatCalendarDate(from) : `${formatCalendarDay(from)} – ${formatCalendarDate(to)}`}{' '}
                    · {daysText(milliDays)} · {typeCode}
                  </span>
                </span>
                <span className="row-end">
                  <Badge tone={states[now].tone}>{states[now].title}</Badge>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}
