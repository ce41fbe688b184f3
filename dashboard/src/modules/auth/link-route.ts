import { useSyncExternalStore } from 'react';

const pages = ['sign-up', 'verify-email', 'reset-password', 'forgot-password', 'accept-invite', 'unlock'] as const;
export type LinkPage = (typeof pages)[number];

export interface LinkRoute {
  readonly page: LinkPage;
  /** Of the mailed link; null where somebody only wants to ask for one. */
  readonly token: string | null;
}

let route = read();

/** Where a mailed link leads. It stands in the fragment, which no server and no log gets to see. */
export function useLinkRoute(): LinkRoute | null {
  return useSyncExternalStore(
    (listener) => {
      const hear = () => {
        route = read();
        listener();
      };
      window.addEventListener('hashchange', hear);
      return () => window.removeEventListener('hashchange', hear);
    },
    () => route,
  );
}

/** Leaves the link behind: its token must not stay in the history. */
export function leaveLink(): void {
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

function read(): LinkRoute | null {
  const [, name, token] = window.location.hash.split('/');
  const page = pages.find((known) => known === name);
  return page ? { page, token: token ?? null } : null;
}
