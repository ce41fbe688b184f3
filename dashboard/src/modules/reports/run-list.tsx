import type { ReportRun, RunProgress } from '@loro/contracts/reports';
import { describeProblem } from '../../app/problem';
import { Link } from '../../app/routes';
import { Badge, type Tone } from '../../ui/badge';
import { Button } from '../../ui/button';
import { formatWhen } from '../../ui/format';
import { Empty, Failed, Panel, Skeleton } from '../../ui/panel';
import { useNow } from '../../ui/use-now';
import { ProgressBar } from './progress-bar';
import { rangeOf } from './range';
import type { RunsStore, RunsView } from './runs-store';

interface RunListProps {
  store: RunsStore | null;
  view: RunsView;
  selectedId: string | null;
  branchNames: ReadonlyMap<string, string>;
}

export function RunList({ store, view, selectedId, branchNames }: RunListProps) {
  return (
    <Panel title="Your reports" flush>
      <RunListBody store={store} view={view} selectedId={selectedId} branchNames={branchNames} />
    </Panel>
  );
}

function RunListBody({ store, view, selectedId, branchNames }: RunListProps) {
  if (view.state === 'loading' && view.runs.length === 0) return <Skeleton lines={4} label="Loading your reports" />;
  if (view.state === 'failed') {
    const { title, detail } = describeProblem(view.error);
    return <Failed title={title} detail={detail} onRetry={() => store?.retry()} />;
  }
  if (view.runs.length === 0) {
    return (
      <Empty icon="reports" title="No reports yet">
        Choose a range above; the report is made in a moment and kept here.
      </Empty>
    );
  }
  return (
    <>
      <ul className="runs">
        {view.runs.map((run) => (
          <RunRow
            key={run.id}
            run={run}
            progress={view.progress.get(run.id)}
            branchName={branchOf(run, branchNames)}
            isSelected={run.id === selectedId}
          />
        ))}
      </ul>
      {view.error !== null && <p className="field-error runs-error">{describeProblem(view.error).detail}</p>}
      {view.hasMore && (
        <footer className="runs-foot">
          <Button busy={view.isReadingMore} onClick={() => void store?.readMore()}>
            Show older
          </Button>
        </footer>
      )}
    </>
  );
}

interface RunRowProps {
  run: ReportRun;
  progress: RunProgress | undefined;
  branchName: string;
  isSelected: boolean;
}

function RunRow({ run, progress, branchName, isSelected }: RunRowProps) {
  const now = useNow();
  const isUnderWay = run.status === 'queued' || run.status === 'running';
  const { tone, title } = badges[run.status];
  return (
    <li>
      <Link className="run" href={`/reports/${run.id}`} aria-current={isSelected ? 'true' : undefined}>
        <span className="run-line">
          <span className="run-range num">{rangeOf(run.params)}</span>
          {!isUnderWay && <Badge tone={tone}>{title}</Badge>}
        </span>
        <span className="run-line small muted">
          <span className="truncate">{branchName}</span>
          <span className="num">{formatWhen(run.requestedAt, now)}</span>
        </span>
        {isUnderWay && <ProgressBar run={run} progress={progress} />}
      </Link>
    </li>
  );
}

const badges: Readonly<Record<ReportRun['status'], { tone: Tone; title: string }>> = {
  queued: { tone: 'neutral', title: 'Waiting' },
  running: { tone: 'info', title: 'Running' },
  done: { tone: 'good', title: 'Ready' },
  failed: { tone: 'bad', title: 'Failed' },
};

const branchOf = ({ params: { branchId } }: ReportRun, names: ReadonlyMap<string, string>): string =>
  branchId === undefined ? 'All branches' : (names.get(branchId) ?? 'One branch');
