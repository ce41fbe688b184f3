import type { Branch } from '@loro/contracts/branches';
import { useMemo } from 'react';
import { describeProblem } from '../../app/problem';
import { navigate, useRoute } from '../../app/routes';
import { Empty, Failed, Panel, Skeleton } from '../../ui/panel';
import { useBranches } from '../branches/use-branches';
import { RunDetails } from './run-details';
import { RunForm } from './run-form';
import { RunList } from './run-list';
import { useRuns } from './use-runs';
import './reports.css';

export function ReportsPage() {
  const branches = useBranches();
  if (branches.state === 'loading') return <Skeleton lines={6} label="Loading the reports" />;
  if (branches.state === 'failed') {
    const { title, detail } = describeProblem(branches.error);
    return <Failed title={title} detail={detail} onRetry={branches.retry} />;
  }
  return <Reports branches={branches.data} />;
}

function Reports({ branches }: { branches: readonly Branch[] }) {
  const { rest: runId } = useRoute();
  const { store, view } = useRuns();
  const branchNames = useMemo(() => new Map(branches.map(({ id, name }) => [id, name])), [branches]);

  return (
    <div className={runId === null ? 'page reports' : 'page reports reports-one'}>
      <div className="reports-side">
        <header className="reports-title">
          {/* A single report has a heading of its own. */}
          {runId === null ? <h1 tabIndex={-1}>Reports</h1> : <p className="reports-name">Reports</p>}
        </header>
        <RunForm
          branches={branches}
          onRequested={(run) => {
            store?.take([run]);
            navigate(`/reports/${run.id}`);
          }}
        />
        <RunList store={store} view={view} selectedId={runId} branchNames={branchNames} />
      </div>
      <div className="reports-main">
        {runId === null ? (
          <Panel>
            <Empty icon="reports" title="Ask for a report, or open one">
              A worker makes it while you watch, and it stays in your list.
            </Empty>
          </Panel>
        ) : (
          <RunDetails
            runId={runId}
            known={view.runs.find(({ id }) => id === runId)}
            progress={view.progress.get(runId)}
            branchNames={branchNames}
          />
        )}
      </div>
    </div>
  );
}
