import type { TrackStop, Trip } from '@loro/contracts/tracking-journeys';
import type { LngLat } from '../../map/geo';
import { Badge } from '../../ui/badge';
import { formatDistance, formatMinutes, formatTime } from '../../ui/format';
import { Icon } from '../../ui/icons';
import { Empty } from '../../ui/panel';

interface DayListProps {
  trips: readonly Trip[];
  stops: readonly TrackStop[];
  openId: string | null;
  onLook: (id: string, from: string, to: string, ends: readonly LngLat[]) => void;
}

type Item = { kind: 'trip'; at: string; trip: Trip } | { kind: 'stop'; at: string; stop: TrackStop };

/** What happened on a day, in its order. */
export function DayList({ trips, stops, openId, onLook }: DayListProps) {
  const items: Item[] = [
    ...trips.map((trip): Item => ({ kind: 'trip', at: trip.startAt, trip })),
    ...stops.map((stop): Item => ({ kind: 'stop', at: stop.startAt, stop })),
  ].toSorted((a, b) => a.at.localeCompare(b.at));
  if (items.length === 0) {
    return (
      <Empty icon="map" title="No trips and no stops">
        A stop begins after three minutes in one place.
      </Empty>
    );
  }
  return (
    <ol className="row-list">
      {items.map((item) => (
        <li key={item.kind === 'trip' ? item.trip.id : item.stop.id}>
          {item.kind === 'trip' ? (
            <TripRow trip={item.trip} isOpen={item.trip.id === openId} onLook={onLook} />
          ) : (
            <StopRow stop={item.stop} isOpen={item.stop.id === openId} onLook={onLook} />
          )}
        </li>
      ))}
    </ol>
  );
}

type RowProps = Pick<DayListProps, 'onLook'> & { isOpen: boolean };

function TripRow({ trip, isOpen, onLook }: RowProps & { trip: Trip }) {
  const { id, startAt, endAt, start, end, distanceM, movingSec, maxKmh, state, purpose } = trip;
  return (
    <button
      type="button"
      className="row"
      aria-current={isOpen ? 'true' : undefined}
      onClick={() => onLook(id, startAt, endAt, [start.position, end.position])}
    >
      <Icon name="map" />
      <span className="row-text">
        <span className="truncate">
          {start.name ?? 'Somewhere'} → {state === 'open' ? 'under way' : (end.name ?? 'somewhere')}
        </span>
        <span className="small muted num">
          {formatTime(startAt)}–{formatTime(endAt)} · {formatMinutes(Math.round(movingSec / 60))}
          {maxKmh !== null && ` · at most ${Math.round(maxKmh)} km/h`}
        </span>
      </span>
      <span className="row-end num">
        {purpose !== 'unknown' && <Badge>{purpose}</Badge>}
        {formatDistance(distanceM)}
      </span>
    </button>
  );
}

function StopRow({ stop, isOpen, onLook }: RowProps & { stop: TrackStop }) {
  const { id, startAt, endAt, position, name, isOpen: lasts } = stop;
  const minutes = Math.round((Date.parse(endAt) - Date.parse(startAt)) / 60_000);
  return (
    <button
      type="button"
      className="row"
      aria-current={isOpen ? 'true' : undefined}
      onClick={() => onLook(id, startAt, endAt, [position])}
    >
      <Icon name="target" />
      <span className="row-text">
        <span className="truncate">{name ?? 'A stop'}</span>
        <span className="small muted num">
          {formatTime(startAt)}–{lasts ? 'still there' : formatTime(endAt)}
        </span>
      </span>
      <span className="row-end num">{formatMinutes(minutes)}</span>
    </button>
  );
}
