import type { ReportRun, RunProgress } from '@loro/contracts/reports';
import './progress-bar.css';

interface ProgressBarProps {
  run: ReportRun;
  progress: RunProgress | undefined;
  /** Says in words what is being done. */
  detailed?: boolean;
}

export function ProgressBar({ run, progress, detailed = false }: ProgressBarProps) {
  const isWaiting = progress === undefined;
  const words = isWaiting ? (run.status === 'queued' ? 'Waiting for a worker' : 'Starting') : progress.stage;
  return (
    <div className={detailed ? 'progress progress-detailed' : 'progress'}>
      <div
        className={isWaiting ? 'progress-track progress-waiting' : 'progress-track'}
        role="progressbar"
        aria-label="Making the report"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={progress?.percent}
        aria-valuetext={isWaiting ? words : `${progress.percent} %, ${words}`}
      >
        <span className="progress-fill" style={{ width: `${progress?.percent ?? 0}%` }} />
      </div>
      {detailed && (
        <p className="small muted progress-words">
          <span className="truncate">{words}</span>
          {!isWaiting && <span className="num">{progress.percent} %</span>}
        </p>
      )}
    </div>
  );
}
