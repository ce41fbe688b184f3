import { useEffect, useRef } from 'react';
import { Button } from '../../ui/button';
import { Select } from '../../ui/field';
import { formatSpeed, formatTimeExact } from '../../ui/format';
import type { Playback } from './playback';

interface PlayerProps {
  playback: Playback;
  span: { fromMs: number; toMs: number };
  atMs: number;
  onSeek: (atMs: number) => void;
  isPlaying: boolean;
  onPlay: (isPlaying: boolean) => void;
  pace: number;
  onPace: (pace: number) => void;
}

/** Times faster than it was. */
const paces = [10, 30, 60, 300, 900] as const;
/** The map cannot show more, and the page has other things to do. */
const FRAME_MS = 50;

/** A day to be played, stopped, and moved by hand: the slider takes the arrow keys, a minute each. */
export function Player({ playback, span, atMs, onSeek, isPlaying, onPlay, pace, onPace }: PlayerProps) {
  const latest = useRef({ atMs, onSeek, onPlay });
  latest.current = { atMs, onSeek, onPlay };
  useEffect(() => {
    if (!isPlaying) return;
    let lastMs = performance.now();
    let frame = requestAnimationFrame(function step(nowMs) {
      frame = requestAnimationFrame(step);
      if (nowMs - lastMs < FRAME_MS) return;
      const next = latest.current.atMs + (nowMs - lastMs) * pace;
      lastMs = nowMs;
      latest.current.onSeek(Math.min(next, span.toMs));
      if (next >= span.toMs) latest.current.onPlay(false);
    });
    return () => cancelAnimationFrame(frame);
  }, [isPlaying, pace, span.toMs]);

  const moment = playback.at(atMs);
  const play = () => {
    // From the end it begins anew.
    if (!isPlaying && atMs >= span.toMs) onSeek(span.fromMs);
    onPlay(!isPlaying);
  };
  return (
    <div className="player">
      <Button kind="primary" aria-pressed={isPlaying} onClick={play}>
        {isPlaying ? 'Stop' : 'Play'}
      </Button>
      <input
        className="player-slider"
        type="range"
        aria-label="Time of the day"
        aria-valuetext={formatTimeExact(atMs)}
        min={span.fromMs}
        max={span.toMs}
        step={60_000}
        value={atMs}
        onChange={({ target: { value } }) => onSeek(Number(value))}
      />
      <span className="num player-time">{formatTimeExact(atMs)}</span>
      <Select
        aria-label="How fast"
        value={String(pace)}
        onChange={({ target: { value } }) => onPace(paces.find((one) => String(one) === value) ?? pace)}
      >
        {paces.map((one) => (
          <option key={one} value={one}>
            {one} ×
          </option>
        ))}
      </Select>
      <span className="small muted num player-speed">{wordsOf(moment)}</span>
    </div>
  );
}

function wordsOf(moment: ReturnType<Playback['at']>): string {
  if (!moment) return '';
  if (!moment.isKnown) return 'Nothing was heard';
  return moment.speed === null ? 'Speed not measured' : formatSpeed(moment.speed);
}
