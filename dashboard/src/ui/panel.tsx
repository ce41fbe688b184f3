import { type ReactNode, useId } from 'react';
import { Button } from './button';
import { Icon, type IconName } from './icons';
import './panel.css';

interface PanelProps {
  title?: string;
  /** Beside the title, on the right. */
  aside?: ReactNode;
  children: ReactNode;
  /** Without inner padding, for lists and tables that reach the edge. */
  flush?: boolean;
}

export function Panel({ title, aside, children, flush = false }: PanelProps) {
  const id = useId();
  return (
    <section className={flush ? 'panel panel-flush' : 'panel'} aria-labelledby={title === undefined ? undefined : id}>
      {title !== undefined && (
        <header className="panel-head">
          <h2 id={id}>{title}</h2>
          {aside}
        </header>
      )}
      <div className="panel-body">{children}</div>
    </section>
  );
}

export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <span className="empty-icon">
        <Icon name={icon} size={22} />
      </span>
      <p className="empty-title">{title}</p>
      {children !== undefined && <div className="muted small">{children}</div>}
    </div>
  );
}

/** What went wrong in words, and a way on. */
export function Failed({ title, detail, onRetry }: { title: string; detail: string; onRetry?: () => void }) {
  return (
    <div className="empty" role="alert">
      <span className="empty-icon empty-icon-bad">
        <Icon name="alert" size={22} />
      </span>
      <p className="empty-title">{title}</p>
      <div className="muted small">{detail}</div>
      {onRetry && (
        <Button icon="retry" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function Skeleton({ lines = 3, label = 'Loading' }: { lines?: number; label?: string }) {
  return (
    <div className="skeleton" role="status">
      <span className="visually-hidden">{label}</span>
      {Array.from({ length: lines }, (_, line) => (
        <div className="skeleton-row" key={line}>
          <span className="skeleton-disc" />
          <span className="skeleton-lines">
            <span className="skeleton-line" />
            <span className="skeleton-line skeleton-line-short" />
          </span>
        </div>
      ))}
    </div>
  );
}
