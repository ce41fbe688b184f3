import type { CheckIn } from '@loro/contracts/check-ins';
import { memo } from 'react';
import { Badge } from '../../ui/badge';
import { Face } from '../../ui/face';
import { formatMinutes, formatTime, formatWeekday, formatWhen } from '../../ui/format';
import { Icon } from '../../ui/icons';
import { useNow } from '../../ui/use-now';

interface CheckInListProps {
  checkIns: readonly CheckIn[];
  branchNames: ReadonlyMap<string, string>;
  /** What came in while the page was open; it is lit up for a moment. */
  freshId: string | null;
}

export function CheckInList({ checkIns, branchNames, freshId }: CheckInListProps) {
  const today = new Date(useNow()).toDateString();
  return groupByDay(checkIns).map(([day, group]) => (
    <section key={day} aria-label={titleOf(day, today)}>
      <h2 className="feed-day">{titleOf(day, today)}</h2>
      <ul>
        {group.map((checkIn) => (
          <CheckInRow
            key={checkIn.id}
            checkIn={checkIn}
            branchName={branchNames.get(checkIn.branchId) ?? null}
            isFresh={checkIn.id === freshId}
          />
        ))}
      </ul>
    </section>
  ));
}

interface CheckInRowProps {
  checkIn: CheckIn;
  branchName: string | null;
  isFresh: boolean;
}

const CheckInRow = memo(function CheckInRow({ checkIn, branchName, isFresh }: CheckInRowProps) {
  const { userName, startedAt, endedAt, note } = checkIn;
  return (
    <li className={isFresh ? 'visit visit-fresh' : 'visit'}>
      <Face name={userName} />
      <span className="visit-text">
        <span className="visit-name truncate">{userName}</span>
        <span className="small muted visit-where">{whereOf(branchName, note)}</span>
      </span>
      <span className="visit-when small">
        <span className="num">
          <Icon name="arrowIn" size={14} />
          <span className="visually-hidden">In at </span>
          {formatTime(startedAt)}
          {endedAt !== null && (
            <>
              <Icon name="arrowOut" size={14} />
              <span className="visually-hidden">, out at </span>
              {sameDay(startedAt, endedAt) ? formatTime(endedAt) : formatWhen(endedAt, Date.parse(startedAt))}
            </>
          )}
        </span>
        {endedAt === null ? (
          <Badge tone="good">
            On site <Ticking since={startedAt} />
          </Badge>
        ) : (
          <span className="muted num">{stayOf(minutesBetween(startedAt, Date.parse(endedAt)))}</span>
        )}
      </span>
    </li>
  );
});

function Ticking({ since }: { since: string }) {
  return <span className="num">{stayOf(minutesBetween(since, useNow()))}</span>;
}

function groupByDay(checkIns: readonly CheckIn[]): [day: string, checkIns: CheckIn[]][] {
  const days = new Map<string, CheckIn[]>();
  for (const checkIn of checkIns) {
    const day = new Date(checkIn.startedAt).toDateString();
    const group = days.get(day);
    if (group) group.push(checkIn);
    else days.set(day, [checkIn]);
  }
  return [...days];
}

const titleOf = (day: string, today: string): string => (day === today ? 'Today' : formatWeekday(Date.parse(day)));

const stayOf = (minutes: number): string => (minutes === 0 ? 'under 1 min' : formatMinutes(minutes));

/** A note often repeats where one is. */
const whereOf = (branchName: string | null, note: string | null): string =>
  [...new Set([branchName, note].filter((text) => text !== null))].join(' · ');

const minutesBetween = (from: string, toMs: number): number =>
  Math.max(0, Math.floor((toMs - Date.parse(from)) / 60_000));

const sameDay = (a: string, b: string): boolean => new Date(a).toDateString() === new Date(b).toDateString();
