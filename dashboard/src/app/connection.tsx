import { useSyncExternalStore } from 'react';
import { useNow } from '../ui/use-now';
import { hub } from './hub';
import './connection.css';

const subscribe = (listener: () => void) => hub.onStatus(listener);

/** How fresh the page is: live, or since when it is not and what happens next. */
export function ConnectionBadge() {
  const status = useSyncExternalStore(subscribe, () => hub.status);
  return (
    <div className={`connection connection-${status.state}`} role="status" aria-live="polite">
      <span className="connection-mark" aria-hidden="true" />
      <span className="connection-text">{labels[status.state]}</span>
      {status.state === 'waiting' && status.retryAt !== undefined && (
        <Countdown to={Number(new Date(status.retryAt))} />
      )}
    </div>
  );
}

const labels = {
  idle: 'Offline',
  connecting: 'Connecting',
  live: 'Live',
  waiting: 'Reconnecting',
  ended: 'Ended',
};

function Countdown({ to }: { to: number }) {
  useNow();
  const seconds = Math.max(0, Math.ceil((to - Date.now()) / 1000));
  // Read out once with the state, not once a second.
  return (
    <span className="num" aria-live="off">
      {seconds > 0 ? `in ${seconds} s` : 'now'}
    </span>
  );
}
