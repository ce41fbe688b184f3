import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useSession } from '../app/session';
import { useTheme } from '../app/theme';
import { IconButton } from '../ui/button';
import type { LngLat } from './geo';
import { Ground } from './ground';
import './ground.css';

interface GroundViewProps {
  /** What a screen reader calls the map. */
  label: string;
  ground: Ground | null;
  /** Gets the map once it stands, and null when it goes; mostly the setter of a state. */
  onGround: (ground: Ground | null) => void;
  /** What the button beside the zoom shows. */
  all: { title: string; places: () => readonly LngLat[] };
  /** Above the map. */
  children?: ReactNode;
}

/** A map with its zoom; what lies on it is laid there by whoever asked for it. */
export function GroundView({ label, ground, onGround, all, children }: GroundViewProps) {
  const { about } = useSession();
  const theme = useTheme();
  const container = useRef<HTMLDivElement>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const styleUrl = about?.mapStyleUrl ?? null;
  const give = useRef(onGround);
  give.current = onGround;

  useEffect(() => {
    const { current } = container;
    if (!current) return;
    const made = tryGround(() => new Ground({ container: current, theme, styleUrl, label }));
    if (typeof made === 'string') return setFailure(made);
    give.current(made);
    return () => {
      give.current(null);
      made.remove();
    };
    // A new theme repaints the map below; only another style needs another map.
  }, [styleUrl]);

  useEffect(() => ground?.setTheme(theme), [ground, theme]);

  return (
    <div className="map">
      <div className="map-canvas" ref={container} />
      {failure !== null && <p className="map-failure">The map cannot be drawn in this browser: {failure}</p>}
      <div className="map-controls" role="group" aria-label="Map">
        <IconButton icon="plus" label="Zoom in" onClick={() => ground?.zoomBy(1)} />
        <IconButton icon="minus" label="Zoom out" onClick={() => ground?.zoomBy(-1)} />
        <IconButton icon="target" label={all.title} onClick={() => ground?.fit(all.places())} />
      </div>
      {children}
    </div>
  );
}

/** Without WebGL there is no map, but what stands beside it still works. */
function tryGround(make: () => Ground): Ground | string {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
