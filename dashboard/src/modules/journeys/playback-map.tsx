import type { TrackStop } from '@loro/contracts/tracking-journeys';
import { useEffect, useState } from 'react';
import type { LngLat } from '../../map/geo';
import type { Ground } from '../../map/ground';
import { GroundView } from '../../map/ground-view';
import type { Playback } from './playback';
import { nowPoint, stopPoints, trackOverlay } from './track-overlay';

interface PlaybackMapProps {
  playback: Playback;
  stops: readonly TrackStop[];
  openStopId: string | null;
  atMs: number;
  /** Part of the way that is looked at; null for all of it. */
  focus: readonly LngLat[] | null;
}

export function PlaybackMap({ playback, stops, openStopId, atMs, focus }: PlaybackMapProps) {
  const [ground, setGround] = useState<Ground | null>(null);
  useEffect(() => ground?.add(trackOverlay), [ground]);
  useEffect(() => {
    if (!ground) return;
    void ground.setData('track-whole', { type: 'MultiLineString', coordinates: [...playback.lines] });
    ground.fit(playback.points, { isAnimated: false, maxZoom: 16 });
  }, [ground, playback]);
  useEffect(() => {
    void ground?.setData('track-stops', stopPoints(stops, openStopId));
  }, [ground, stops, openStopId]);
  useEffect(() => {
    if (!ground) return;
    void ground.setData('track-passed', { type: 'MultiLineString', coordinates: playback.passed(atMs) });
    void ground.setData('track-now', nowPoint(playback.at(atMs)));
  }, [ground, playback, atMs]);
  useEffect(() => {
    if (ground && focus && focus.length > 0) ground.fit(focus, { maxZoom: 16 });
  }, [ground, focus]);
  return (
    <div className="shapes-map">
      <GroundView
        label="Map of the day"
        ground={ground}
        onGround={setGround}
        all={{ title: 'Show the whole day', places: () => playback.points }}
      />
    </div>
  );
}
