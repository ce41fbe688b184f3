import { useEffect } from 'react';
import { hub } from '../../app/hub';
import { Loaded } from '../../app/loaded';
import { useRequest } from '../../app/use-request';
import { formatCount } from '../../ui/format';
import { Meter } from '../../ui/meter';
import { Panel } from '../../ui/panel';
import { quantity } from '../licence/words';

export interface MigrationIds {
  readonly storageTargetId: string;
  readonly migrationId: string;
}

const LOOK_MS = 2_000;

/** How far the copying is. */
export function MigrationPanel({ ids }: { ids: MigrationIds }) {
  const request = useRequest(ids.migrationId, () => hub.storageTargets.migration(ids));
  const isRunning = request.state === 'ready' && request.data.state === 'running';
  const { reload } = request;
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [isRunning, reload]);
  return (
    <Panel title="Copying files">
      <Loaded request={request} what="how far the copying is">
        {({ state, copied, bytes, failure }) => {
          const text = `${formatCount(copied)} files, ${quantity('storage-bytes', bytes)}`;
          return (
            <div className="stack">
              {state === 'running' && <Meter label="Copying files" percent={null} text={text} />}
              <p role="status">
                {state === 'running' && 'Under way: '}
                {state === 'done' && 'Done: '}
                {state === 'failed' && `Stopped: ${failure ?? 'it did not work'}. `}
                <span className="num">{text}</span>
              </p>
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}
