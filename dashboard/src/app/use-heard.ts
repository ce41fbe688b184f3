import { useEffect, useRef } from 'react';
import { hub } from './hub';

/** Many events at once, as an import brings them, are one reason to read again. */
const SETTLE_MS = 150;

/**
 * Reads again when something is heard, and when the connection is back, since what was said meanwhile went past.
 * `listen` is asked once for what there is to hear, and returns the ways to stop.
 */
export function useHeard(listen: (heard: () => void) => readonly (() => void)[], reload: () => void): void {
  const latest = useRef({ listen, reload });
  useEffect(() => {
    latest.current = { listen, reload };
  });

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isLive = hub.status.state === 'live';
    const heard = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        latest.current.reload();
      }, SETTLE_MS);
    };
    const offs = [
      ...latest.current.listen(heard),
      hub.onStatus(() => {
        const isBack = !isLive && hub.status.state === 'live';
        isLive = hub.status.state === 'live';
        if (isBack) heard();
      }),
    ];
    return () => {
      clearTimeout(timer);
      for (const off of offs) off();
    };
  }, []);
}
