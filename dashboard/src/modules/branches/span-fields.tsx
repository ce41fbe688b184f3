import type { WallInterval } from '@loro/contracts/branches-hours';
import { Button, IconButton } from '../../ui/button';
import { nextSpan } from './hours-draft';
import './hours.css';

interface SpanFieldsProps {
  /** Of which day they are, for who does not see where they stand. */
  day: string;
  spans: readonly WallInterval[];
  /** What no hours mean. */
  none?: string;
  onChange: (spans: readonly WallInterval[]) => void;
}

/** From when to when something is open, several times a day. */
export function SpanFields({ day, spans, none = 'Closed', onChange }: SpanFieldsProps) {
  const change = (at: number, part: keyof WallInterval, value: string) =>
    onChange(spans.map((span, index) => (index === at ? { ...span, [part]: value } : span)));
  return (
    <div className="hours-spans">
      {spans.length === 0 && <span className="muted hours-closed">{none}</span>}
      {spans.map((span, at) => (
        // Spans have no name but their number.
        // oxlint-disable-next-line react/no-array-index-key
        <div className="hours-span" key={at}>
          <input
            className="input"
            type="time"
            aria-label={`${day} opens`}
            value={span.opensAt}
            onChange={(event) => change(at, 'opensAt', event.target.value)}
          />
          <span aria-hidden="true">–</span>
          <input
            className="input"
            type="time"
            aria-label={`${day} closes`}
            value={span.closesAt}
            onChange={(event) => change(at, 'closesAt', event.target.value)}
          />
          <IconButton
            icon="close"
            label={`Take these hours of ${day} away`}
            onClick={() => onChange(spans.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <Button
        kind="quiet"
        icon="plus"
        aria-label={`Add hours: ${day}`}
        onClick={() => onChange([...spans, nextSpan(spans)])}
      >
        Add hours
      </Button>
    </div>
  );
}
