import type { Branch } from '@loro/contracts/branches';
import { useEffect, useState } from 'react';
import { hub } from '../../app/hub';
import { LoadedPanel } from '../../app/loaded';
import { navigate, useRoute } from '../../app/routes';
import { useMe, usePermission } from '../../app/session';
import { Button } from '../../ui/button';
import { Segments } from '../../ui/segments';
import { useBranches } from '../branches/use-branches';
import { BalancesPanel } from './balances-panel';
import { CalendarPanel } from './calendar-panel';
import { LeaveDialog } from './leave-dialog';
import { RequestPanel } from './request-panel';
import { RequestsPanel } from './requests-panel';
import './leave.css';

const views = [
  { choice: 'calendar', title: 'Calendar' },
  { choice: 'requests', title: 'Requests' },
  { choice: 'balances', title: 'Balances' },
] as const;

/** Who is away, who wants to be, and what everybody has left. */
export function LeavePage() {
  const { rest } = useRoute();
  const branches = useBranches();
  const mayAsk = usePermission('leave.request');
  const [isAsking, setAsking] = useState(false);
  const [round, setRound] = useState(0);
  const changed = () => setRound((count) => count + 1);
  const view = views.find(({ choice }) => choice === rest)?.choice ?? 'calendar';
  useOwnStream();
  return (
    <div className="page split-page">
      <header className="page-head">
        <h1 tabIndex={-1}>Leave</h1>
        <div className="page-tools">
          <Segments legend="Show" choices={views} value={view} onChange={(choice) => navigate(`/leave/${choice}`)} />
          {mayAsk && (
            <Button kind="primary" icon="plus" onClick={() => setAsking(true)}>
              Ask for leave
            </Button>
          )}
        </div>
      </header>
      <LoadedPanel request={branches} what="the branches">
        {(known) => <View view={view} branches={known} round={round} onChange={changed} />}
      </LoadedPanel>
      {isAsking && <LeaveDialog onClose={() => setAsking(false)} onDone={changed} />}
    </div>
  );
}

interface ViewProps {
  view: (typeof views)[number]['choice'];
  branches: readonly Branch[];
  /** Grows when something was changed from this page. */
  round: number;
  onChange: () => void;
}

function View({ view, branches, round, onChange }: ViewProps) {
  const [openId, setOpen] = useState<string | null>(null);
  if (view === 'balances') return <BalancesPanel round={round} />;
  return (
    <div className={openId === null ? 'split' : 'split split-open'}>
      {view === 'calendar' ? (
        <CalendarPanel branches={branches} round={round} openId={openId} onOpen={setOpen} />
      ) : (
        <RequestsPanel branches={branches} round={round} openId={openId} onOpen={setOpen} />
      )}
      {openId !== null && (
        <div>
          <button type="button" className="split-back button button-quiet" onClick={() => setOpen(null)}>
            Back to the list
          </button>
          <RequestPanel key={openId} requestId={openId} onChange={onChange} />
        </div>
      )}
    </div>
  );
}

/** What concerns one's own leave, and what waits for one's decision. */
function useOwnStream(): void {
  const { user } = useMe();
  useEffect(() => {
    const subscription = hub.leave.subscribe('leave', user.id);
    // A refused stream costs the live update; the lists are there all the same.
    subscription.ready.catch(() => undefined);
    return () => subscription.close();
  }, [user.id]);
}
