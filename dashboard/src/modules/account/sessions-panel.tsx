import type { Session } from '@loro/contracts/auth';
import { useEffect } from 'react';
import { hub } from '../../app/hub';
import { describeProblem, toastProblem } from '../../app/problem';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { formatAge } from '../../ui/format';
import { Failed, Panel, Skeleton } from '../../ui/panel';
import { useNow } from '../../ui/use-now';

/** Where this person is signed in. The hub keeps at most ten sessions of a person, so one page holds them all. */
export function SessionsPanel() {
  const request = useRequest('sessions', () => hub.account.sessions({ limit: 50 }));
  const reload = request.state === 'ready' ? request.reload : undefined;

  // A sign-in elsewhere is told at once, and it is the one a person wants to see here.
  useEffect(() => (reload ? hub.account.on('security:alert', reload) : undefined), [reload]);

  const end = (sessionId: string) => hub.account.endSession({ sessionId }).then(reload, toastProblem);
  const endOthers = () => hub.account.endOtherSessions({ except: 'current' }).then(reload, toastProblem);
  return (
    <Panel
      title="Where you are signed in"
      aside={<Button onClick={() => void endOthers()}>End all others</Button>}
      flush
    >
      {request.state === 'loading' && <Skeleton />}
      {request.state === 'failed' && <Failed {...describeProblem(request.error)} onRetry={request.retry} />}
      {request.state === 'ready' && (
        <ul className="session-list">
          {request.data.data.map((session) => (
            <SessionRow key={session.id} session={session} onEnd={() => void end(session.id)} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function SessionRow({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const now = useNow();
  return (
    <li className="account-row">
      <span>
        {session.deviceName} {session.current && <Badge tone="good">this one</Badge>}
        <span className="muted small block">
          {session.ip} · used {formatAge(now - Date.parse(session.lastSeenAt))} ago
        </span>
      </span>
      {!session.current && (
        <Button kind="quiet" onClick={onEnd} aria-label={`End the session on ${session.deviceName}`}>
          End
        </Button>
      )}
    </li>
  );
}
