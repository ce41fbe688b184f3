import { StateGlyph } from './glyphs';
import { type PersonState, stateHelp, states, stateTitles } from './person-state';

interface StateFilterProps {
  counts: Readonly<Record<PersonState, number>>;
  hidden: ReadonlySet<PersonState>;
  onChange: (hidden: ReadonlySet<PersonState>) => void;
}

/** Legend and filter in one: what a marker means, how many there are, and whether they are shown. */
export function StateFilter({ counts, hidden, onChange }: StateFilterProps) {
  const toggle = (state: PersonState) => {
    const next = new Set(hidden);
    if (!next.delete(state)) next.add(state);
    onChange(next);
  };
  return (
    <div className="states" role="group" aria-label="Show people who are">
      {states
        .filter((state) => state !== 'unseen' || counts.unseen > 0)
        .map((state) => (
          <button
            key={state}
            type="button"
            className="state-chip"
            aria-pressed={!hidden.has(state)}
            title={stateHelp[state]}
            onClick={() => toggle(state)}
          >
            <StateGlyph state={state} size={18} />
            <span className="state-chip-title">{stateTitles[state]}</span>
            <span className="num state-chip-count">{counts[state]}</span>
          </button>
        ))}
    </div>
  );
}
