import type { About } from '@loro/contracts/hub';
import type { Me } from '@loro/contracts/auth';
import type { Scope } from '@loro/contracts/kit/permissions';
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from 'react';
import { hub } from './hub';
import { describeProblem } from './problem';

type State =
  | { state: 'opening' }
  | { state: 'unreachable'; detail: string }
  | { state: 'signed-out'; notice: string | null }
  | { state: 'signed-in'; me: Me };

interface Session {
  session: State;
  about: About | null;
  /** After a sign-in went through: reads who that is and goes live. */
  enter: () => Promise<void>;
  leave: () => Promise<void>;
  reopen: () => void;
}

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, setSession] = useState<State>({ state: 'opening' });
  const [about, setAbout] = useState<About | null>(null);
  const [round, setRound] = useState(0);

  const enter = useCallback(async () => {
    const me = await hub.auth.me();
    rememberVisit(true);
    hub.connect();
    setSession({ state: 'signed-in', me });
  }, []);

  const leave = useCallback(async () => {
    // Whatever the hub answers, this browser is done with the session.
    await hub.auth.signOut().catch(() => undefined);
    await hub.close();
    rememberVisit(false);
    setSession({ state: 'signed-out', notice: null });
  }, []);

  const reopen = useCallback(() => {
    setSession({ state: 'opening' });
    setRound((count) => count + 1);
  }, []);

  useEffect(() => {
    let isCurrent = true;
    const open = async () => {
      setAbout(await hub.hub.about());
      if (!(await opening())) return { state: 'signed-out', notice: null } as const;
      return { state: 'signed-in', me: await hub.auth.me() } as const;
    };
    open().then(
      (next) => {
        if (!isCurrent) return;
        if (next.state === 'signed-in') hub.connect();
        setSession(next);
      },
      (error: unknown) => isCurrent && setSession({ state: 'unreachable', detail: describeProblem(error).detail }),
    );
    return () => {
      isCurrent = false;
    };
  }, [round]);

  const isSignedIn = session.state === 'signed-in';
  useEffect(() => {
    if (!isSignedIn) return;
    return hub.onStatus(() => {
      if (hub.status.state !== 'ended') return;
      rememberVisit(false);
      setSession({ state: 'signed-out', notice: 'Your session ended. Sign in to go on.' });
    });
  }, [isSignedIn]);

  const value = useMemo(() => ({ session, about, enter, leave, reopen }), [session, about, enter, leave, reopen]);
  return <SessionContext value={value}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession is called outside SessionProvider');
  return session;
}

/** Who is signed in; for everything below the shell. */
export function useMe(): Me {
  const { session } = useSession();
  if (session.state !== 'signed-in') throw new Error('useMe is called while nobody is signed in');
  return session.me;
}

export function usePermission(permission: string): boolean {
  return mayOf(useMe(), permission);
}

/** Whether somebody holds a permission, with whatever scope. */
export const mayOf = (me: Me, permission: string): boolean => scopeOf(me, permission) !== null;

/** How far somebody's permission reaches; null where they do not hold it. */
export function scopeOf({ grants }: Me, permission: string): Scope | null {
  return grants.find((grant) => grant.permission === permission)?.scope ?? null;
}

// A refresh token can be traded once: two mounts of one page must share the trade.
let underWay: Promise<boolean> | undefined;

async function opening(): Promise<boolean> {
  if (!hasVisited()) return false;
  underWay ??= hub.auth.resume().finally(() => {
    underWay = undefined;
  });
  const isOpen = await underWay;
  if (!isOpen) rememberVisit(false);
  return isOpen;
}

const VISIT = 'loro.visit';

/** Scripts cannot see the cookie; without this note every first visit would begin with a refused request. */
function rememberVisit(isSignedIn: boolean): void {
  try {
    if (isSignedIn) localStorage.setItem(VISIT, 'signed-in');
    if (!isSignedIn) localStorage.removeItem(VISIT);
  } catch {
    // Without storage one signs in again after a reload.
  }
}

function hasVisited(): boolean {
  try {
    return localStorage.getItem(VISIT) !== null;
  } catch {
    return false;
  }
}
