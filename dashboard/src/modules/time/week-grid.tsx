import type { Day } from '@loro/contracts/attendance-values';
import { useMemo, useState } from 'react';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { datesOf, daysBefore } from '../reports/dates';
import { hoursText, statuses } from './time-words';

interface WeekGridProps {
  days: readonly Day[];
  monday: string;
  openId: string | null;
  onOpen: (dayId: string) => void;
}

const BATCH = 25;
const heads = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', timeZone: 'UTC' });

/** A line a person, a column a day; every cell is a button. */
export function WeekGrid({ days, monday, openId, onOpen }: WeekGridProps) {
  const [search, setSearch] = useState('');
  const [shown, setShown] = useState(BATCH);
  const people = useMemo(() => byPerson(days), [days]);
  const dates = datesOf(monday, daysBefore(monday, -6));
  const needle = search.trim().toLocaleLowerCase();
  const found = people.filter(({ name }) => name.toLocaleLowerCase().includes(needle));
  return (
    <>
      {people.length > BATCH && (
        <div className="paged-tools">
          <TextField label="Search" type="search" value={search} onChange={(event) => setSearch(event.target.value)} />
        </div>
      )}
      <div className="table-scroll" tabIndex={0} role="group" aria-label="The week by person">
        <table className="table week">
          <caption className="visually-hidden">Hours by person and day</caption>
          <thead>
            <tr>
              <th scope="col">Who</th>
              {dates.map((date) => (
                <th key={date} scope="col">
                  {heads.format(new Date(date))}
                </th>
              ))}
              <th scope="col" className="table-num">
                Sum
              </th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, shown).map(({ userId, name, own }) => (
              <tr key={userId}>
                <th scope="row">{name}</th>
                {dates.map((date) => (
                  <td key={date}>
                    {own
                      .filter(({ workDate }) => workDate === date)
                      .map((day) => (
                        <DayCell key={day.id} day={day} isOpen={day.id === openId} onOpen={onOpen} />
                      ))}
                  </td>
                ))}
                <td className="table-num num">{hoursText(own.reduce((sum, { workedSec }) => sum + workedSec, 0))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.length > shown && (
        <div className="page-turn">
          <Button onClick={() => setShown(shown + BATCH)}>Show more: {found.length - shown} left</Button>
        </div>
      )}
    </>
  );
}

interface DayCellProps {
  day: Day;
  isOpen: boolean;
  onOpen: (dayId: string) => void;
}

function DayCell({ day, isOpen, onOpen }: DayCellProps) {
  const { id, status, workedSec, flags, lockedAt, openSince, pendingSec } = day;
  const { title, tone } = statuses[status];
  const notes = [
    flags.length > 0 && 'to be looked at',
    lockedAt !== null && 'locked',
    pendingSec > 0 && 'to be confirmed',
  ].filter(Boolean);
  return (
    <button
      type="button"
      className={`week-day week-${tone}`}
      aria-current={isOpen ? 'true' : undefined}
      onClick={() => onOpen(id)}
    >
      {(workedSec > 0 || openSince !== null) && <span className="num week-hours">{hoursText(workedSec)}</span>}
      <span className="week-status">{openSince === null ? title : 'At work'}</span>
      {notes.length > 0 && (
        <span className="week-mark" aria-hidden="true">
          !
        </span>
      )}
      {notes.length > 0 && <span className="visually-hidden">, {notes.join(', ')}</span>}
    </button>
  );
}

function byPerson(days: readonly Day[]) {
  const people = new Map<string, { userId: string; name: string; own: Day[] }>();
  for (const day of days) {
    const person = people.get(day.userId) ?? { userId: day.userId, name: day.userName, own: [] };
    person.own.push(day);
    people.set(day.userId, person);
  }
  return [...people.values()].toSorted((a, b) => a.name.localeCompare(b.name));
}
