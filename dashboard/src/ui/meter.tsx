import './meter.css';

interface MeterProps {
  label: string;
  /** 0 to 100; null while nobody knows. */
  percent: number | null;
  /** In words, read out in place of the number. */
  text: string;
  tone?: 'good' | 'warn' | 'bad';
}

/** How far something is, or how full. */
export function Meter({ label, percent, text, tone = 'good' }: MeterProps) {
  return (
    <div
      className={percent === null ? `meter meter-${tone} meter-waiting` : `meter meter-${tone}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent ?? undefined}
      aria-valuetext={text}
    >
      <span style={{ width: `${Math.min(100, percent ?? 0)}%` }} />
    </div>
  );
}
