import type { CalendarLeave } from '@loro/contracts/leave-values';
import { Empty } from '../../ui/panel';
import { formatWeekday } from '../../ui/format';
import { weekdays } from '../branches/hours-draft';
import { datesOf, daysBefore } from '../reports/dates';

interface CalendarGridProps {
  /** `2026-11`. */
  month: string;
  today: string;
  leaves: readonly CalendarLeave[];
  openId: string | null;
  onOpen: (requestId: string) => void;
}

/** In one day so many names; the others are counted. */
const NAMED = 4;
const short = new Intl.DateTimeFormat(undefined, { weekday: 'short', timeZone: 'UTC' });

/** Weeks of a month; on a phone a list of the days on which somebody is away. */
export function CalendarGrid({ month, today, leaves, openId, onOpen }: CalendarGridProps) {
  const first = `${month}-01`;
  const lead = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7;
  const days = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
  const dates = datesOf(daysBefore(first, lead), daysBefore(first, -(Math.ceil((lead + days) / 7) * 7 - lead - 1)));
  const byDate = new Map<string, CalendarLeave[]>();
  for (const leave of leaves) byDate.set(leave.date, [...(byDate.get(leave.date) ?? []), leave]);
  return (
    <>
      <div className="calendar-heads" aria-hidden="true">
        {weekdays.map((weekday) => (
          <span key={weekday}>{short.format(Date.UTC(2026, 0, 4 + weekday))}</span>
        ))}
      </div>
      <ol className="calendar">
        {dates.map((date) => {
          const away = date.startsWith(month) ? (byDate.get(date) ?? []) : [];
          const isOther = !date.startsWith(month);
          return (
            <li
              key={date}
              className="calendar-day"
              data-other={isOther || undefined}
              data-today={date === today || undefined}
              data-empty={away.length === 0 || undefined}
            >
              <span className="calendar-date num" aria-hidden="true">
                {Number(date.slice(8))}
              </span>
              <span className="calendar-title">{formatWeekday(`${date}T12:00:00`)}</span>
              {away.length > 0 && (
                <ul className="calendar-names">
                  {away.slice(0, NAMED).map((leave) => (
                    <li key={`${leave.requestId} ${leave.userId}`}>
                      <button
                        type="button"
                        className="calendar-leave"
                        data-state={leave.state}
                        aria-current={leave.requestId === openId ? 'true' : undefined}
                        aria-label={`${leave.userName}, ${stateText(leave)}, ${formatWeekday(`${date}T12:00:00`)}`}
                        onClick={() => onOpen(leave.requestId)}
                      >
                        <span className="truncate">
                          {leave.userName}
                          {leave.half !== null && ' ½'}
                        </span>
                      </button>
                    </li>
                  ))}
                </ul>
              )}
              {away.length > NAMED && (
                <span
                  className="small muted"
                  title={away
                    .slice(NAMED)
                    .map(({ userName }) => userName)
                    .join(', ')}
                >
                  and {away.length - NAMED} more
                </span>
              )}
            </li>
          );
        })}
      </ol>
      {leaves.length === 0 && (
        <Empty icon="check" title="Nobody is away">
          Leave that is asked for or approved stands here by day.
        </Empty>
      )}
    </>
  );
}

const stateText = ({ state, typeCode }: CalendarLeave): string =>
  [state === 'pending' ? 'asked for' : 'away', typeCode].filter(Boolean).join(', ');
