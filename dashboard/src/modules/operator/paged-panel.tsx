import type { ReactNode } from 'react';
import { describeProblem } from '../../app/problem';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Empty, Failed, Panel, Skeleton } from '../../ui/panel';
import type { IconName } from '../../ui/icons';
import type { Pages } from './use-pages';

interface PagedPanelProps<Row> {
  title: string;
  pages: Pages<Row>;
  empty: { icon: IconName; title: string; text: string };
  children: (rows: readonly Row[]) => ReactNode;
}

/** A list that reads itself again and again, with the pages to turn below it. */
export function PagedPanel<Row>({ title, pages, empty, children }: PagedPanelProps<Row>) {
  const { rows, error, page, next, previous, retry } = pages;
  return (
    <Panel title={title} aside={<Freshness isStale={rows !== null && error !== null} />} flush>
      {rows === null && error === null && <Skeleton label={`Loading: ${title}`} />}
      {rows === null && error !== null && <Failed {...describeProblem(error)} onRetry={retry} />}
      {rows !== null && rows.length === 0 && (
        <Empty icon={empty.icon} title={empty.title}>
          {empty.text}
        </Empty>
      )}
      {rows !== null && rows.length > 0 && children(rows)}
      {(next !== null || previous !== null) && (
        <nav className="operator-turn" aria-label={`Pages: ${title}`}>
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
