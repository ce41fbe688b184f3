import { LoroError } from '@loro/client';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { describeProblem } from '../../app/problem';
import { useHeard } from '../../app/use-heard';
import { useRequest } from '../../app/use-request';
import { Empty, Failed, Panel, Skeleton } from '../../ui/panel';
import { ChargesPanel } from './charges-panel';
import { EventsPanel } from './events-panel';
import { LicenceBanner } from './licence-banner';
import { LicencePanel } from './licence-panel';
import { PlansPanel } from './plans-panel';
import { UsagePanel } from './usage-panel';
import type { Current } from './words';
import './licence.css';

/** What the organisation may use, how much of it is used, and what other plans hold. */
export function LicencePage() {
  const [round, setRound] = useState(0);
  const request = useRequest('licence', current);
  const changed = () => {
    request.reload();
    setRound((count) => count + 1);
  };
  useHeard(
    (heard) => [
      hub.licensing.on('license:state-changed', heard),
      hub.licensing.on('license:plan-changed', heard),
      hub.licensing.on('license:usage', heard),
      hub.licensing.on('license:limit-reached', heard),
      hub.licensing.on('license:reminder', heard),
    ],
    changed,
  );
  return (
    <div className="page licence">
      <header className="page-head">
        <h1 tabIndex={-1}>Licence</h1>
      </header>
      {request.state === 'loading' && (
        <Panel>
          <Skeleton label="Loading the licence" />
        </Panel>
      )}
      {request.state === 'failed' && (
        <Panel>
          <Failed {...describeProblem(request.error)} onRetry={request.retry} />
        </Panel>
      )}
      {request.state === 'ready' && request.data && (
        <>
          <LicenceBanner license={request.data} />
          <LicencePanel license={request.data} />
        </>
      )}
      {request.state === 'ready' && !request.data && (
        <Panel>
          <Empty icon="licence" title="No licence">
            This organisation has none. Ask whoever runs the hub for one.
          </Empty>
        </Panel>
      )}
      <UsagePanel round={round} />
      <PlansPanel round={round} onChange={changed} />
      <ChargesPanel round={round} />
      <EventsPanel round={round} />
    </div>
  );
}

/** Null where the organisation has none. */
async function current(): Promise<Current | null> {
  try {
    return await hub.licensing.current();
  } catch (error) {
    if (error instanceof LoroError && error.status === 404) return null;
    throw error;
  }
}
