import { type KeyboardEvent, memo, useEffect, useId, useRef, useState } from 'react';
import { formatAge, formatSpeed } from '../../ui/format';
import { Icon } from '../../ui/icons';
import { Empty } from '../../ui/panel';
import { useNow } from '../../ui/use-now';
import { StateGlyph } from './glyphs';
import { type Person, stateTitles } from './person-state';

interface PeopleListProps {
  people: readonly Person[];
  total: number;
  branchNames: ReadonlyMap<string, string>;
  selectedId: string | null;
  search: string;
  onSearch: (text: string) => void;
  onFocus: () => void;
  onSelect: (id: string) => void;
}

/** Each row counts the seconds by itself, so that not all of thousands are there at once. */
const BATCH = 100;

/** The way to anybody without a mouse: type, step with the arrows, go there with Enter. One stop for the Tab key. */
export function PeopleList({
  people: found,
  total,
  branchNames,
  selectedId,
  search,
  onSearch,
  onFocus,
  onSelect,
}: PeopleListProps) {
  const listId = useId();
  const [activeId, setActiveId] = useState<string | null>(null);
  const [shown, setShown] = useState(BATCH);
  const people = found.slice(0, shown);
  const list = useRef<HTMLUListElement>(null);
  const active = people.some(({ id }) => id === activeId) ? activeId : null;
  const optionId = (id: string) => `${listId}-${id}`;

  useEffect(() => {
    if (active !== null) document.getElementById(optionId(active))?.scrollIntoView({ block: 'nearest' });
  }, [active]);

  const onKeyDown = (event: KeyboardEvent) => {
    const at = people.findIndex(({ id }) => id === active);
    const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? people.length - 1 : at - 1, PageDown: at + 8, PageUp: at - 8 }[
      event.key
    ];
    if (next !== undefined) {
      event.preventDefault();
      setActiveId(people[Math.min(people.length - 1, Math.max(0, next))]?.id ?? null);
    }
    if (event.key === 'Enter') {
      const chosen = active ?? (search.trim() === '' ? undefined : people[0]?.id);
      if (chosen !== undefined) onSelect(chosen);
    }
    if (event.key === 'Escape' && search !== '') {
      event.preventDefault();
      onSearch('');
    }
  };

  return (
    <>
      <div className="people-search">
        <Icon name="search" size={18} />
        <input
          className="input"
          type="search"
          role="combobox"
          aria-label="Find a person"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={active === null ? undefined : optionId(active)}
          aria-autocomplete="list"
          placeholder={`Find among ${total}`}
          autoComplete="off"
          value={search}
          onFocus={onFocus}
          onChange={(event) => {
            setShown(BATCH);
            onSearch(event.target.value);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul className="people-list" id={listId} role="listbox" aria-label="People" ref={list}>
        {people.map((person) => (
          <PersonRow
            key={person.id}
            id={optionId(person.id)}
            person={person}
            branchName={branchNames.size > 1 ? (branchNames.get(person.branchId) ?? null) : null}
            isActive={person.id === active}
            isSelected={person.id === selectedId}
            onSelect={onSelect}
          />
        ))}
      </ul>
      {found.length > shown && (
        <button type="button" className="people-more" onClick={() => setShown(shown + BATCH)}>
          Show more: {found.length - shown} left
        </button>
      )}
      {people.length === 0 && (
        <Empty icon="users" title={total === 0 ? 'Nobody reports yet' : 'Nobody like that'}>
          {total === 0 ? 'People appear here with their first position.' : 'Try another name, or show more states.'}
        </Empty>
      )}
    </>
  );
}

interface PersonRowProps {
  id: string;
  person: Person;
  branchName: string | null;
  isActive: boolean;
  isSelected: boolean;
  onSelect: (id: string) => void;
}

const PersonRow = memo(function PersonRow({ id, person, branchName, isActive, isSelected, onSelect }: PersonRowProps) {
  return (
    // The keys are heard by the search box, which owns this option.
    <li
      className={isActive ? 'person person-active' : 'person'}
      id={id}
      role="option"
      aria-selected={isSelected}
      onClick={() => onSelect(person.id)}
    >
      <StateGlyph state={person.state} size={22} />
      <span className="person-text">
        <span className="person-name truncate">{person.name}</span>
        <span className="small muted truncate">
          {[stateTitles[person.state], branchName].filter(Boolean).join(' · ')}
        </span>
      </span>
      <span className="person-fact num">
        <PersonFact person={person} />
      </span>
    </li>
  );
});

/** The one figure that matters in this state: how fast, or how old. */
function PersonFact({ person }: { person: Person }) {
  const now = useNow();
  if (!person.fix) return null;
  if (person.state === 'moving' && person.fix.speed !== null) return formatSpeed(person.fix.speed);
  return formatAge(now - person.fix.at);
}
