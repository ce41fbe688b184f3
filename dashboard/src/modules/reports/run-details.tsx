import type { ReportRun, RunProgress } from '@loro/contracts/reports';
import { hub } from '../../app/hub';
import { describeProblem } from '../../app/problem';
import { Link } from '../../app/routes';
import { useRequest } from '../../app/use-request';
import { formatMoment } from '../../ui/format';
import { Icon } from '../../ui/icons';
import { Failed, Panel, Skeleton } from '../../ui/panel';
import { ProgressBar } from './progress-bar';
import { rangeOf } from './range';
import { RunResult } from './run-result';

interface RunDetailsProps {
  runId: string;
  /** What the list knows of it; undefined for one that is on no page yet. */
  known: ReportRun | undefined;
  progress: RunProgress | undefined;
  branchNames: ReadonlyMap<string, string>;
}

/** One report: how far it is, and then what it found. */
export function RunDetails({ runId, known, progress, branchNames }: RunDetailsProps) {
  const isUnderWay = known?.status === 'queued' || known?.status === 'running';
  if (known && isUnderWay) {
    return (
      <>
        <RunHead run={known} branchNames={branchNames} />
        <Panel>
          <ProgressBar run={known} progress={progress} detailed />
        </Panel>
      </>
    );
  }
  return <FinishedRun key={runId} runId={runId} branchNames={branchNames} />;
}

function FinishedRun({ runId, branchNames }: Pick<RunDetailsProps, 'runId' | 'branchNames'>) {
  const request = useRequest(`run:${runId}`, () => hub.reports.run({ runId }));
  if (request.state === 'loading') {
    return (
      <Panel>
        <Skeleton lines={5} label="Loading the report" />
      </Panel>
    );
  }
  if (request.state === 'failed') {
    const { title, detail } = describeProblem(request.error);
    return (
      <Panel>
        <Failed title={title} detail={detail} onRetry={request.retry} />
      </Panel>
    );
  }
  const run = request.data;
  return (
    <>
      <RunHead run={run} branchNames={branchNames} />
      {run.result && <RunResult run={run} result={run.result} />}
      {run.status === 'failed' && (
        <Panel>
          <Failed title="This report could not be made" detail={run.failure ?? 'Ask for it again.'} />
        </Panel>
      )}
      {(run.status === 'queued' || run.status === 'running') && (
        <Panel>
          <ProgressBar run={run} progress={undefined} detailed />
        </Panel>
      )}
    </>
  );
}

function RunHead({ run, branchNames }: { run: ReportRun; branchNames: ReadonlyMap<string, string> }) {
  const { branchId } = run.params;
  return (
    <header className="run-head">
      <Link className="run-back small" href="/reports">
        <Icon name="back" size={16} />
        All reports
      </Link>
      <h1 tabIndex={-1}>{rangeOf(run.params)}</h1>
      <p className="muted small">
        Distance by person and day · {branchId === undefined ? 'All branches' : branchNames.get(branchId)} · asked for{' '}
        <span className="num">{formatMoment(run.requestedAt)}</span>
      </p>
    </header>
  );
}
