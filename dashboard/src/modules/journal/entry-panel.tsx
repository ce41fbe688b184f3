import type { JournalEntry } from '@loro/contracts/journal-entries';
import { hub } from '../../app/hub';
import { describeProblem } from '../../app/problem';
import { Link } from '../../app/routes';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { formatMoment, formatTimeExact } from '../../ui/format';
import { Failed, Panel, Skeleton } from '../../ui/panel';
import { useNames } from '../people/use-names';
import type { Filters } from './filters';
import { JournalValue } from './journal-value';
import { actionTitle, actorTitle, severityTones, typeTitles } from './words';

type ShowThing = (thing: Pick<Filters, 'entityType' | 'entityId'>) => void;

/** One entry, with what it changed and how it stands in the chain. */
export function EntryPanel({ entryId, onThing }: { entryId: string; onThing: ShowThing }) {
  const request = useRequest(entryId, () => hub.journal.get({ entryId }));
  if (request.state === 'loading') {
    return (
      <Panel>
        <Skeleton lines={4} label="Loading the entry" />
      </Panel>
    );
  }
  if (request.state === 'failed') {
    return (
      <Panel>
        <Failed {...describeProblem(request.error)} onRetry={request.retry} />
      </Panel>
    );
  }
  return <Known entry={request.data} onThing={onThing} />;
}

function Known({ entry, onThing }: { entry: JournalEntry; onThing: ShowThing }) {
  const { action, at, actor, entity, type, outcome, severity, data } = entry;
  const names = useNames(actor.kind === 'user' ? [actor.id] : []);
  const name = actorTitle(actor, names);
  return (
    <>
      <Panel title={actionTitle(action)} aside={<Badge tone={severityTones[severity]}>{severity}</Badge>}>
        <div className="stack">
          <dl className="facts">
            <div>
              <dt>When</dt>
              <dd className="num">
                {formatMoment(at)} <span className="muted small">({formatTimeExact(at)})</span>
              </dd>
            </div>
            <div>
              <dt>Done by</dt>
              <dd>{actor.kind === 'user' && actor.id ? <Link href={`/people/${actor.id}`}>{name}</Link> : name}</dd>
            </div>
            <div>
              <dt>Type</dt>
              <dd>{typeTitles[type]}</dd>
            </div>
            <div>
              <dt>Outcome</dt>
              <dd>{outcome}</dd>
            </div>
            {entity && (
              <div>
                <dt>Thing</dt>
                <dd>
                  {entity.type} <span className="mono">{entity.id}</span>
                </dd>
              </div>
            )}
          </dl>
          {entity && (
            <div className="actions">
              <Button onClick={() => onThing({ entityType: entity.type, entityId: entity.id })}>
                Everything about this thing
              </Button>
            </div>
          )}
        </div>
      </Panel>
      <Differences data={data} />
      <Chain entry={entry} />
    </>
  );
}

function Differences({ data }: { data: JournalEntry['data'] }) {
  const { changes, source, ...said } = data;
  const found = Array.isArray(changes) ? changes.filter(isChange) : [];
  return (
    <>
      {found.length > 0 && (
        <Panel title="What changed">
          <ul className="differences">
            {found.map(({ path, from, to }) => (
              <li key={path}>
                <h3>{fieldOf(path)}</h3>
                <div className="difference">
                  <span className="visually-hidden">Before: </span>
                  <del>
                    <JournalValue value={from} />
                  </del>
                  <span aria-hidden="true">→</span>
                  <span className="visually-hidden">After: </span>
                  <ins>
                    <JournalValue value={to} />
                  </ins>
                </div>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {Object.keys(said).length > 0 && <Values title="What was said of it" values={said} />}
      {typeof source === 'object' && source !== null && <Values title="From where" values={{ ...source }} />}
    </>
  );
}

function Values({ title, values }: { title: string; values: Readonly<Record<string, unknown>> }) {
  return (
    <Panel title={title}>
      <dl className="facts">
        {Object.entries(values).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <JournalValue value={value} />
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

interface Change {
  path: string;
  from?: unknown;
  to?: unknown;
}

const isChange = (value: unknown): value is Change =>
  typeof value === 'object' && value !== null && 'path' in value && typeof value.path === 'string';

/** `/profile/address/city` reads as profile › address › city. */
const fieldOf = (path: string): string => path.split('/').filter(Boolean).join(' › ');

function Chain({ entry: { seq, sealedAt, hash, prevHash } }: { entry: JournalEntry }) {
  return (
    <Panel
      title="In the chain"
      aside={seq === null ? <Badge>not sealed yet</Badge> : <Badge tone="good">sealed</Badge>}
    >
      {seq === null || sealedAt === null ? (
        <p className="muted small">Entries are chained within a second or two.</p>
      ) : (
        <dl className="facts facts-one">
          <div>
            <dt>Place</dt>
            <dd className="num">
              {seq}, sealed {formatMoment(sealedAt)}
            </dd>
          </div>
          <div>
            <dt>Hash</dt>
            <dd className="mono">{hash}</dd>
          </div>
          <div>
            <dt>Hash of the one before</dt>
            <dd className="mono">{prevHash}</dd>
          </div>
        </dl>
      )}
    </Panel>
  );
}
