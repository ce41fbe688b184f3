import type { Branch } from '@loro/contracts/branches';
import type { DutyRow } from '@loro/contracts/check-ins-duty';
import { useEffect, useState } from 'react';
import { hub } from '../../app/hub';
import { LoadedPanel } from '../../app/loaded';
import { PagedPanel } from '../../app/paged-panel';
import { Link } from '../../app/routes';
import { usePermission } from '../../app/session';
import { useAction } from '../../app/use-action';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { Badge, type Tone } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Face } from '../../ui/face';
import { formatAge, formatWhen } from '../../ui/format';
import { Empty, Panel } from '../../ui/panel';
import { Segments } from '../../ui/segments';
import { toast } from '../../ui/toast';
import { useNow } from '../../ui/use-now';
import { BranchChoice, useChosenBranch } from '../branches/branch-choice';
import { useBranches } from '../branches/use-branches';
import { plain } from '../check-ins/check-in-words';
import { Alarms } from './alarms';
import { OwnDuty } from './own-duty';

/** Who of a branch is on duty now. */
export function DutyPage() {
  const branches = useBranches();
  const maySet = usePermission('duty.set');
  return (
    <div className="page">
      <LoadedPanel request={branches} what="the branches">
        {(known) => (known.length === 0 ? <NoBranch /> : <Board branches={known} maySet={maySet} />)}
      </LoadedPanel>
    </div>
  );
}

const NoBranch = () => (
  <Panel>
    <Empty icon="branch" title="No branch to look at">
      Ask an administrator if you expected to see one.
    </Empty>
  </Panel>
);

type State = DutyRow['state'];
const states: Readonly<Record<State, { title: string; tone: Tone }>> = {
  on: { title: 'On duty', tone: 'good' },
  break: { title: 'On a break', tone: 'info' },
  away: { title: 'Away', tone: 'warn' },
  off: { title: 'Off duty', tone: 'neutral' },
};
const choices = [
  { choice: 'all', title: 'All' },
  { choice: 'on', title: 'On duty' },
  { choice: 'break', title: 'Break' },
  { choice: 'away', title: 'Away' },
  { choice: 'off', title: 'Off' },
] as const;

function Board({ branches, maySet }: { branches: readonly Branch[]; maySet: boolean }) {
  const [branchId, choose] = useChosenBranch(branches);
  const [state, setState] = useState<(typeof choices)[number]['choice']>('all');
  const filter = { branchId, ...(state !== 'all' && { state }) };
  const pages = usePages<DutyRow>((input) => hub.duty.board({ ...filter, ...input }), {
    limit: 50,
    key: JSON.stringify(filter),
  });
  useFollowed(branchId);
  useHeard(
    (heard) => [hub.checkIns.on('duty:changed', heard), hub.checkIns.on('check-in:recorded', heard)],
    pages.retry,
  );
  return (
    <>
      <header className="page-head">
        <h1 tabIndex={-1}>Who is on duty</h1>
        <div className="page-tools">
          <BranchChoice branches={branches} value={branchId} onChange={choose} />
          <Segments legend="Show" choices={choices} value={state} onChange={setState} />
        </div>
      </header>
      <div className="stack">
        <Alarms branchId={branchId} />
        {maySet && <OwnDuty />}
        <PagedPanel
          title={branches.find(({ id }) => id === branchId)?.name ?? 'The branch'}
          pages={pages}
          empty={{ icon: 'users', title: 'Nobody', text: 'Nobody of this branch is in this state now.' }}
        >
          {(rows) => (
            <ul className="row-list">
              {rows.map((row) => (
                <BoardRow key={row.userId} row={row} />
              ))}
            </ul>
          )}
        </PagedPanel>
      </div>
    </>
  );
}

function useFollowed(branchId: string): void {
  useEffect(() => {
    const subscription = hub.checkIns.subscribe('records', branchId);
    // A refused stream costs the live update; the list is there all the same.
    subscription.ready.catch(() => undefined);
    return () => subscription.close();
  }, [branchId]);
}

function BoardRow({ row }: { row: DutyRow }) {
  const now = useNow();
  const mayAsk = usePermission('duty.challenge');
  const { busy, run } = useAction();
  const { userId, name, state, since, unreachableSince, last } = row;
  const ask = () =>
    run('ask', async () => {
      await hub.duty.challenge({ userId });
      toast({ title: `${name} is asked`, detail: 'There are five minutes to answer.', tone: 'good' });
    });
  return (
    <li className="row row-wrap">
      <Face name={name} />
      <span className="row-text">
        <Link className="truncate" href={`/people/${userId}`}>
          {name}
        </Link>
        <span className="small muted truncate">
          {[
            since !== null && `for ${formatAge(now - Date.parse(since))}`,
            last && `last: ${plain(last.type).toLocaleLowerCase()}, ${last.kind}, ${formatWhen(last.at, now)}`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <span className="row-end">
        {unreachableSince !== null && (
          <Badge tone="bad">Silent for {formatAge(now - Date.parse(unreachableSince))}</Badge>
        )}
        <Badge tone={states[state].tone}>{states[state].title}</Badge>
        {mayAsk && state === 'on' && (
          <Button kind="quiet" busy={busy !== null} aria-label={`Ask ${name} for the place`} onClick={() => void ask()}>
            Ask where
          </Button>
        )}
      </span>
    </li>
  );
}
