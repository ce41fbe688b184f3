import { useCallback, useMemo, useState } from 'react';
import { describeProblem } from '../../app/problem';
import { setQuery, useRoute } from '../../app/routes';
import { scopeOf, useMe } from '../../app/session';
import { Failed, Skeleton } from '../../ui/panel';
import { BranchPicker } from '../branches/branch-picker';
import { useBranches, useSelectedBranch } from '../branches/use-branches';
import { MapView } from './map-view';
import { PeopleList } from './people-list';
import { PersonDetails } from './person-details';
import { type Person, type PersonState, states } from './person-state';
import { StateFilter } from './state-filter';
import { useFleet } from './use-fleet';
import { useTails } from './use-tails';
import { useTrail } from './use-trail';
import './map-page.css';

export function MapPage() {
  const branches = useBranches();
  if (branches.state === 'loading') return <Skeleton lines={6} label="Loading the map" />;
  if (branches.state === 'failed') {
    const { title, detail } = describeProblem(branches.error);
    return <Failed title={title} detail={detail} onRetry={branches.retry} />;
  }
  return <LiveMapPage branches={branches.data} />;
}

function LiveMapPage({ branches }: { branches: Extract<ReturnType<typeof useBranches>, { state: 'ready' }>['data'] }) {
  const [branchId, chooseBranch] = useSelectedBranch(branches);
  const [search, setSearch] = useState('');
  const [hidden, setHidden] = useState<ReadonlySet<PersonState>>(new Set());
  const [sheet, setSheet] = useState<'peek' | 'open'>('peek');
  const selectedId = useRoute().query.get('person');
  const branchIds = useMemo(() => branches.map(({ id }) => id), [branches]);
  const isOwn = scopeOf(useMe(), 'tracking.read') === 'own';
  const { fleet, people: everybody, state, error, retry } = useFleet(branchIds, isOwn);
  const trail = useTrail(fleet, selectedId);
  const tails = useTails(fleet);
  const selected = everybody.find(({ id }) => id === selectedId) ?? null;

  const people = useMemo(
    () => (branchId === null ? everybody : everybody.filter((person) => person.branchId === branchId)),
    [everybody, branchId],
  );
  const shows = useCallback(
    (person: Person) => !hidden.has(person.state) && (branchId === null || person.branchId === branchId),
    [hidden, branchId],
  );
  const needle = search.trim().toLocaleLowerCase();
  const found = useMemo(
    () => people.filter((person) => shows(person) && person.name.toLocaleLowerCase().includes(needle)),
    [people, shows, needle],
  );
  const counts = useMemo(() => countStates(people), [people]);
  const branchNames = useMemo(() => new Map(branches.map(({ id, name }) => [id, name])), [branches]);
  const select = (id: string | null) => {
    setQuery('person', id);
    if (id !== null) setSheet('peek');
  };

  return (
    <div
      className={`map-page map-page-${sheet}`}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        if (selectedId !== null) return select(null);
        setSheet('peek');
      }}
    >
      <section className="people" aria-labelledby="people-title">
        <button
          type="button"
          className="sheet-handle"
          aria-expanded={sheet === 'open'}
          onClick={() => setSheet(sheet === 'open' ? 'peek' : 'open')}
        >
          <span className="visually-hidden">{sheet === 'open' ? 'Show less of the list' : 'Show the whole list'}</span>
        </button>
        <header className="people-head">
          <h1 id="people-title" tabIndex={-1}>
            People
          </h1>
          <BranchPicker branches={branches} value={branchId} onChange={chooseBranch} />
        </header>
        <StateFilter counts={counts} hidden={hidden} onChange={setHidden} />
        {state === 'loading' && <Skeleton lines={7} label="Loading the people" />}
        {state === 'failed' && <FleetFailure error={error} onRetry={retry} />}
        {state === 'ready' && (
          <PeopleList
            people={found}
            total={people.length}
            branchNames={branchNames}
            selectedId={selectedId}
            search={search}
            onSearch={setSearch}
            onFocus={() => setSheet('open')}
            onSelect={select}
          />
        )}
      </section>
      <MapView
        fleet={fleet}
        isReady={state === 'ready'}
        branches={branches}
        branchId={branchId}
        selectedId={selectedId}
        shows={shows}
        trail={trail}
        tails={tails}
        onSelect={select}
      />
      {selected && (
        <PersonDetails
          key={selected.id}
          person={selected}
          branchName={branchNames.get(selected.branchId) ?? null}
          trail={trail}
          onClose={() => select(null)}
        />
      )}
    </div>
  );
}

function FleetFailure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { title, detail } = describeProblem(error);
  return <Failed title={title} detail={detail} onRetry={onRetry} />;
}

function countStates(people: readonly { state: PersonState }[]): Record<PersonState, number> {
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<PersonState, number>;
  for (const { state } of people) counts[state] += 1;
  return counts;
}
