import type { Branch } from '@loro/contracts/branches';
import type { CheckIn } from '@loro/contracts/check-ins';
import { useMemo, useState } from 'react';
import { describeProblem } from '../../app/problem';
import { usePermission } from '../../app/session';
import { Button } from '../../ui/button';
import { formatCount } from '../../ui/format';
import { Empty, Failed, Panel, Skeleton } from '../../ui/panel';
import { Segments } from '../../ui/segments';
import { BranchPicker } from '../branches/branch-picker';
import { useBranches, useSelectedBranch } from '../branches/use-branches';
import type { CheckInFeed, FeedView } from './check-in-feed';
import { CheckInList } from './check-in-list';
import { OwnCheckIn } from './own-check-in';
import { RecordsPanel } from './records-panel';
import { useCheckIns } from './use-check-ins';
import './check-ins.css';

const filters = [
  { choice: 'all', title: 'All' },
  { choice: 'open', title: 'On site now' },
  { choice: 'records', title: 'Records' },
] as const;

export function CheckInsPage() {
  const branches = useBranches();
  if (branches.state === 'loading') return <Skeleton lines={6} label="Loading the check-ins" />;
  if (branches.state === 'failed') {
    const { title, detail } = describeProblem(branches.error);
    return <Failed title={title} detail={detail} onRetry={branches.retry} />;
  }
  return <Feed branches={branches.data} />;
}

function Feed({ branches }: { branches: readonly Branch[] }) {
  const [branchId, chooseBranch] = useSelectedBranch(branches);
  const [filter, setFilter] = useState<(typeof filters)[number]['choice']>('all');
  const branchIds = useMemo(() => branches.map(({ id }) => id), [branches]);
  const branchNames = useMemo(() => new Map(branches.map(({ id, name }) => [id, name])), [branches]);
  const { feed, view } = useCheckIns(branchIds, branchId, filter === 'open');
  const mayCheckIn = usePermission('check-ins.create');

  return (
    <div className="page">
      <header className="page-head">
        <h1 tabIndex={-1}>Check-ins</h1>
        <div className="page-tools">
          <Segments legend="Show" choices={filters} value={filter} onChange={setFilter} />
          <BranchPicker branches={branches} value={branchId} onChange={chooseBranch} />
        </div>
      </header>
      <p className="visually-hidden" role="status">
        {view.latest && announce(view.latest, branchNames)}
      </p>
      <div className={mayCheckIn ? 'feed-page' : 'feed-page feed-page-single'}>
        {filter === 'records' && <RecordsPanel branchId={branchId} branchNames={branchNames} />}
        {filter !== 'records' && (
          <Panel flush>
            <FeedBody feed={feed} view={view} branchNames={branchNames} openOnly={filter === 'open'} />
          </Panel>
        )}
        {mayCheckIn && (
          <div className="feed-side">
            <OwnCheckIn branches={branches} onDone={(checkIn) => feed?.hear(checkIn)} />
          </div>
        )}
      </div>
    </div>
  );
}

interface FeedBodyProps {
  feed: CheckInFeed | null;
  view: FeedView;
  branchNames: ReadonlyMap<string, string>;
  openOnly: boolean;
}

function FeedBody({ feed, view, branchNames, openOnly }: FeedBodyProps) {
  if (view.state === 'loading') return <Skeleton lines={7} label="Loading the check-ins" />;
  if (view.state === 'failed') {
    const { title, detail } = describeProblem(view.error);
    return <Failed title={title} detail={detail} onRetry={() => feed?.retry()} />;
  }
  if (view.checkIns.length === 0) {
    return (
      <Empty icon="checkIns" title={openOnly ? 'Nobody is checked in' : 'No check-ins yet'}>
        They appear here the moment somebody checks in.
      </Empty>
    );
  }
  return (
    <>
      <CheckInList checkIns={view.checkIns} branchNames={branchNames} freshId={view.latest?.id ?? null} />
      <footer className="feed-foot">
        {view.error !== null && <p className="field-error">{describeProblem(view.error).detail}</p>}
        {view.hasMore && (
          <Button busy={view.isReadingMore} onClick={() => void feed?.readMore()}>
            Show older
          </Button>
        )}
        <p className="small muted num">
          {formatCount(view.checkIns.length)} shown{view.hasMore ? '' : ', that is all'}
        </p>
      </footer>
    </>
  );
}

function announce({ userName, branchId, endedAt }: CheckIn, branchNames: ReadonlyMap<string, string>): string {
  const verb = endedAt === null ? 'checked in' : 'checked out';
  const branch = branchNames.get(branchId);
  return branch === undefined ? `${userName} ${verb}` : `${userName} ${verb} at ${branch}`;
}
