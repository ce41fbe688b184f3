import type { JournalEntry } from '@loro/contracts/journal-entries';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { Link } from '../../app/routes';
import { usePages } from '../../app/use-pages';
import { Badge } from '../../ui/badge';
import { Button, IconButton } from '../../ui/button';
import { formatWhen } from '../../ui/format';
import { useNow } from '../../ui/use-now';
import { useSettled } from '../../ui/use-settled';
import { useNames } from '../people/use-names';
import { FilterFields, type Filters, queryOf } from './filters';
import { actionTitle, actorTitle, severityTones, typeTitles } from './words';

interface EntryListProps {
  filters: Filters;
  onFilter: (filters: Filters) => void;
  onReset: () => void;
  openId: string | null;
  /** Grows when there is something new. */
  round: number;
}

export function EntryList({ filters, onFilter, onReset, openId, round }: EntryListProps) {
  const asked = useSettled(JSON.stringify(queryOf(filters)));
  const query: ReturnType<typeof queryOf> = JSON.parse(asked);
  const pages = usePages<JournalEntry>((input) => hub.journal.list({ ...query, ...input }), {
    limit: 25,
    key: asked,
    round,
  });
  const names = useNames((pages.rows ?? []).map(({ actor }) => (actor.kind === 'user' ? actor.id : null)));
  return (
    <PagedPanel
      title="Entries"
      aside={
        <>
          {asked !== '{}' && (
            <Button kind="quiet" onClick={onReset}>
              Show everything
            </Button>
          )}
          <IconButton icon="retry" label="Look again" onClick={pages.retry} />
        </>
      }
      tools={<FilterFields filters={filters} onChange={onFilter} />}
      pages={pages}
      empty={{ icon: 'journal', title: 'No entries', text: 'Nothing like this happened in the last 31 days.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map((entry) => (
            <li key={entry.id}>
              <EntryRow entry={entry} isOpen={entry.id === openId} names={names} />
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}

interface EntryRowProps {
  entry: JournalEntry;
  isOpen: boolean;
  names: ReadonlyMap<string, string>;
}

function EntryRow({ entry, isOpen, names }: EntryRowProps) {
  const now = useNow();
  const { id, at, action, type, actor, outcome, severity } = entry;
  return (
    <Link className="row" href={`/journal/${id}`} aria-current={isOpen ? 'true' : undefined}>
      <span className="row-text">
        <span className="truncate">{actionTitle(action)}</span>
        <span className="small muted truncate">
          <span className="num">{formatWhen(at, now)}</span> · {actorTitle(actor, names)} · {typeTitles[type]}
        </span>
      </span>
      <span className="row-end">
        {outcome !== 'success' && <Badge tone="bad">{outcome}</Badge>}
        {severityTones[severity] !== 'neutral' && <Badge tone={severityTones[severity]}>{severity}</Badge>}
      </span>
    </Link>
  );
}
