import type { Track } from '@loro/contracts/tracking';
import type { TrackStop, Trip } from '@loro/contracts/tracking-journeys';
import { useMemo, useState } from 'react';
import type { LngLat } from '../../map/geo';
import { formatDistance, formatMinutes } from '../../ui/format';
import { Empty, Panel } from '../../ui/panel';
import { DayList } from './day-list';
import { Playback } from './playback';
import { PlaybackMap } from './playback-map';
import { Player } from './player';

interface DayProps {
  track: Track;
  trips: readonly Trip[];
  stops: readonly TrackStop[];
}

/** A day on the map, with a slider below it, and what happened beside it. */
export function Day({ track, trips, stops }: DayProps) {
  const playback = useMemo(() => new Playback(track), [track]);
  const { span } = playback;
  const [atMs, setAt] = useState(span?.fromMs ?? 0);
  const [isPlaying, setPlaying] = useState(false);
  const [pace, setPace] = useState(60);
  const [openId, setOpen] = useState<string | null>(null);
  const [focus, setFocus] = useState<readonly LngLat[] | null>(null);
  if (!span) {
    return (
      <Panel>
        <Empty icon="lost" title="Nothing is stored of this day">
          Choose another day, or somebody else.
        </Empty>
      </Panel>
    );
  }
  const look = (id: string, from: string, to: string, ends: readonly LngLat[]) => {
    const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
    setOpen(id);
    setPlaying(false);
    setAt(Math.min(span.toMs, Math.max(span.fromMs, fromMs)));
    setFocus([...ends, ...playback.points.filter((point) => point.atMs >= fromMs && point.atMs <= toMs)]);
  };
  const movingSec = trips.reduce((sum, trip) => sum + trip.movingSec, 0);
  return (
    <div className="day">
      <div className="day-map">
        <PlaybackMap playback={playback} stops={stops} openStopId={openId} atMs={atMs} focus={focus} />
        <Player
          playback={playback}
          span={span}
          atMs={atMs}
          onSeek={setAt}
          isPlaying={isPlaying}
          onPlay={setPlaying}
          pace={pace}
          onPace={setPace}
        />
        {track.properties.truncated && (
          <p className="small muted" role="note">
            The day has more points than are shown; the oldest are left out.
          </p>
        )}
      </div>
      <Panel
        title="Trips and stops"
        aside={
          <span className="small muted num">
            {formatDistance(track.properties.lengthM)}
            {movingSec > 0 && `, ${formatMinutes(Math.round(movingSec / 60))} under way`}
          </span>
        }
        flush
      >
        <DayList trips={trips} stops={stops} openId={openId} onLook={look} />
      </Panel>
    </div>
  );
}
