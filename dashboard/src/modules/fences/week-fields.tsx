import type { ActiveInterval } from '@loro/contracts/branches-geofences';
import { weekdayName, weekdays } from '../branches/hours-draft';
import { SpanFields } from '../branches/span-fields';

type Span = Pick<ActiveInterval, 'opensAt' | 'closesAt'>;
/** By weekday, from 1; null stands for always. */
export type Week = ReadonlyMap<number, readonly Span[]> | null;

export function weekOf(hours: readonly ActiveInterval[] | null): Week {
  if (hours === null) return null;
  const week = new Map<number, Span[]>();
  for (const { weekday, opensAt, closesAt } of hours)
    week.set(weekday, [...(week.get(weekday) ?? []), { opensAt, closesAt }]);
  return week;
}

export function fromWeek(week: Week): ActiveInterval[] | null {
  if (week === null) return null;
  const hours = [...week].flatMap(([weekday, spans]) => spans.map((span) => ({ weekday, ...span })));
  return hours.length === 0 ? null : hours;
}

interface WeekFieldsProps {
  week: Week;
  error: string | undefined;
  onChange: (week: Week) => void;
}

/** When a fence is in force. */
export function WeekFields({ week, error, onChange }: WeekFieldsProps) {
  return (
    <fieldset className="field">
      <legend>When it is in force</legend>
      <label className="check">
        <input
          type="checkbox"
          checked={week === null}
          onChange={({ target: { checked } }) => onChange(checked ? null : new Map())}
        />
        Always
      </label>
      {week !== null &&
        weekdays.map((weekday) => (
          <div className="hours-day" key={weekday}>
            <span>{weekdayName(weekday)}</span>
            <SpanFields
              day={weekdayName(weekday)}
              none="Not in force"
              spans={week.get(weekday) ?? []}
              onChange={(spans) => onChange(new Map(week).set(weekday, spans))}
            />
          </div>
        ))}
      {error !== undefined && <p className="field-error">{error}</p>}
    </fieldset>
  );
}
