import { type ReactNode, useEffect, useRef } from 'react';
import { IconButton } from '../../ui/button';
import { formatAge, formatDistance, formatHeading, formatSpeed, formatTimeExact, formatWhen } from '../../ui/format';
import { useNow } from '../../ui/use-now';
import { StateGlyph } from './glyphs';
import { type Person, stateTitles } from './person-state';
import type { Trail } from './trail';

interface PersonDetailsProps {
  person: Person;
  branchName: string | null;
  trail: Trail | null;
  onClose: () => void;
}

export function PersonDetails({ person, branchName, trail, onClose }: PersonDetailsProps) {
  const now = useNow();
  const { fix, lostAt, state } = person;
  const panel = useRef<HTMLElement>(null);

  useEffect(() => {
    // On the map's page the focus stays where the person was chosen; screen readers hear the panel through its label.
    panel.current?.scrollTo(0, 0);
  }, []);

  return (
    <aside className="details" aria-label={`About ${person.name}`} ref={panel}>
      <header className="details-head">
        <div>
          <h2>{person.name}</h2>
          <p className="details-state" aria-live="polite">
            <StateGlyph state={state} size={18} />
            {stateTitles[state]}
            {state === 'lost' && lostAt !== null && ` since ${formatWhen(lostAt, now)}`}
          </p>
        </div>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      <dl className="facts">
        {fix && (
          <Fact title="Last fix" isWide>
            <span className="num">{formatAge(now - fix.at)} ago</span>
            <span className="muted num">{formatTimeExact(fix.at)}</span>
          </Fact>
        )}
        {fix && (
          <Fact title="Speed">
            <span className="num">{fix.speed === null ? 'Not measured' : formatSpeed(fix.speed)}</span>
            {state === 'moving' && fix.heading !== null && <span className="muted">{formatHeading(fix.heading)}</span>}
          </Fact>
        )}
        <Fact title="Last 2 hours">
          <span className="num">{trail === null ? '…' : formatDistance(trail.lengthM)}</span>
        </Fact>
        {fix && (
          <Fact title="Accuracy">
            <span className="num">{fix.accuracy === null ? 'Unknown' : `± ${formatDistance(fix.accuracy)}`}</span>
          </Fact>
        )}
        <Fact title="Branch">{branchName ?? 'Unknown'}</Fact>
        {fix && (
          <Fact title="Position" isWide>
            <span className="num details-place">
              {fix.lat.toFixed(5)}, {fix.lng.toFixed(5)}
            </span>
          </Fact>
        )}
        {!fix && (
          <p className="muted small details-empty">
            Nothing was reported yet. The marker appears with the first position.
          </p>
        )}
      </dl>
    </aside>
  );
}

function Fact({ title, isWide = false, children }: { title: string; isWide?: boolean; children: ReactNode }) {
  return (
    <div className={isWide ? 'fact fact-wide' : 'fact'}>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}
