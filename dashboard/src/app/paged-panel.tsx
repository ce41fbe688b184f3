import type { ReactNode } from 'react';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import type { IconName } from '../ui/icons';
import { Empty, Failed, Panel, Skeleton } from '../ui/panel';
import './paged-panel.css';
import { describeProblem } from './problem';
import type { Pages } from './use-pages';

interface PagedPanelProps<Row> {
  title: string;
  /** Beside the title, on the right. */
  aside?: ReactNode;
  /** Above the list, such as its filters. */
  tools?: ReactNode;
  pages: Pages<Row>;
  empty: { icon: IconName; title: string; text: string };
  children: (rows: readonly Row[]) => ReactNode;
}

/** A list that is read again by itself, with the pages to turn below it. */
export function PagedPanel<Row>({ title, aside, tools, pages, empty, children }: PagedPanelProps<Row>) {
  const { rows, error, page, next, previous, retry } = pages;
  return (
    <Panel
      title={title}
      aside={
        <span className="paged-aside">
          <Freshness isStale={rows !== null && error !== null} />
          {aside}
        </span>
      }
      flush
    >
      {tools !== undefined && <div className="paged-tools">{tools}</div>}
      {rows !== null && error !== null && <p className="field-error paged-error">{describeProblem(error).detail}</p>}
      {rows === null && error === null && <Skeleton label={`Loading: ${title}`} />}
      {rows === null && error !== null && <Failed {...describeProblem(error)} onRetry={retry} />}
      {rows !== null && rows.length === 0 && (
        <Empty icon={empty.icon} title={empty.title}>
          {empty.text}
        </Empty>
      )}
      {rows !== null && rows.length > 0 && children(rows)}
      {(next !== null || previous !== null) && (
        <nav className="page-turn" aria-label={`Pages: ${title}`}>
          <Button disabled={previous === null} onClick={() => previous?.()}>
            Previous
          </Button>
          <span className="muted small num">Page {page}</span>
          <Button disabled={next === null} onClick={() => next?.()}>
            Next
          </Button>
        </nav>
      )}
    </Panel>
  );
}

function Freshness({ isStale }: { isStale: boolean }) {
  return <span role="status">{isStale && <Badge tone="warn">Not up to date</Badge>}</span>;
}
