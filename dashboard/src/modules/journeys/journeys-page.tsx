import { LoroError } from '@loro/client';
import type { Trackable } from '@loro/contracts/tracking';
import { useState } from 'react';
import { AskReason } from '../../app/ask-reason';
import { hub } from '../../app/hub';
import { Loaded, LoadedPanel } from '../../app/loaded';
import { setQuery, useRoute } from '../../app/routes';
import { useRequest } from '../../app/use-request';
import { SelectField, TextField } from '../../ui/field';
import { Empty, Panel } from '../../ui/panel';
import { hubNow } from '../../ui/use-now';
import { useBranches } from '../branches/use-branches';
import { daysBefore, todayIn } from '../reports/dates';
import { Day } from './day';
import './journeys.css';

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Where somebody went on a day: played back, with trips and stops. */
export function JourneysPage() {
  const { query } = useRoute();
  const [search, setSearch] = useState('');
  const request = useRequest('trackables', readAll);
  const branches = useBranches();
  const trackables = request.state === 'ready' ? request.data : [];
  const needle = search.trim().toLocaleLowerCase();
  const found = trackables.filter(({ name }) => name.toLocaleLowerCase().includes(needle));
  const asked = query.get('who');
  const chosen = trackables.find(({ id }) => id === asked) ?? found[0] ?? null;
  const branch = branches.state === 'ready' ? branches.data.find(({ id }) => id === chosen?.branchId) : undefined;
  const zone = branch?.timezone ?? here;
  const today = todayIn(zone, hubNow());
  const date = query.get('date') ?? today;
  return (
    <div className="page journeys-page">
      <header className="page-head">
        <h1 tabIndex={-1}>Journeys</h1>
      </header>
      <LoadedPanel request={request} what="who is tracked">
        {() => (
          <div className="stack">
            <Panel>
              <div className="journeys-tools">
                <TextField
                  label="Find"
                  type="search"
                  value={search}
                  onChange={(event) => setSearch(event.target.value)}
                />
                <SelectField
                  label="Who"
                  value={chosen?.id ?? ''}
                  onChange={(event) => setQuery('who', event.target.value)}
                >
                  {found.length === 0 && <option value="">Nobody is found</option>}
                  {[...(chosen && !found.includes(chosen) ? [chosen] : []), ...found].map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </SelectField>
                <TextField
                  label="Day"
                  type="date"
                  max={today}
                  value={date}
                  onChange={(event) => setQuery('date', event.target.value || null)}
                />
                <div className="actions">
                  <button
                    className="button button-plain"
                    type="button"
                    onClick={() => setQuery('date', daysBefore(date, 1))}
                  >
                    Day before
                  </button>
                  <button
                    className="button button-plain"
                    type="button"
                    disabled={date >= today}
                    onClick={() => setQuery('date', daysBefore(date, -1))}
                  >
                    Day after
                  </button>
                </div>
              </div>
            </Panel>
            {chosen === null && (
              <Panel>
                <Empty icon="map" title="Nobody reports yet">
                  Days appear here with the first position of somebody.
                </Empty>
              </Panel>
            )}
            {chosen && <DayOf key={`${chosen.id} ${date} ${zone}`} trackable={chosen} date={date} zone={zone} />}
          </div>
        )}
      </LoadedPanel>
    </div>
  );
}

interface DayOfProps {
  trackable: Trackable;
  date: string;
  zone: string;
}

function DayOf({ trackable, date, zone }: DayOfProps) {
  const [reason, setReason] = useState<string>();
  const key = `${trackable.id} ${date} ${reason ?? ''}`;
  const request = useRequest(key, () => readDay(trackable.id, date, { zone, reason }));
  if (
    request.state === 'failed' &&
    request.error instanceof LoroError &&
    request.error.code === 'LOOK_REASON_REQUIRED'
  ) {
    return (
      <Panel>
        <AskReason what={`the day of ${trackable.name}`} onReason={setReason} />
      </Panel>
    );
  }
  return (
    <Loaded request={request} what="the day" lines={5}>
      {(data) => <Day {...data} />}
    </Loaded>
  );
}

async function readDay(
  trackableId: string,
  date: string,
  { zone, reason }: { zone: string; reason: string | undefined },
) {
  const day = { from: startOf(date, zone), to: startOf(daysBefore(date, -1), zone) };
  const span = reason === undefined ? day : { ...day, reason };
  const [track, trips, stops] = await Promise.all([
    hub.tracking.track({ trackableId, ...span, limit: 20_000 }),
    hub.tracking.trips({ trackableId, ...span, limit: 200 }),
    hub.tracking.stops({ trackableId, ...span, limit: 200 }),
  ]);
  return { track, trips: trips.data, stops: stops.data };
}

/** The first instant of a local date. */
function startOf(date: string, zone: string): string {
  // A date's midnight differs from the same hour of UTC by the zone's offset around it; a second look settles changes.
  const utc = Date.parse(`${date}T00:00:00Z`);
  const first = utc - offsetOf(utc, zone);
  return new Date(utc - offsetOf(first, zone)).toISOString();
}

function offsetOf(atMs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(atMs / 1000) * 1000;
}

async function readAll(): Promise<Trackable[]> {
  const trackables: Trackable[] = [];
  for await (const { data } of hub.tracking.pages('trackables', { limit: 200 })) trackables.push(...data);
  return trackables;
}
