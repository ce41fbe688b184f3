import { type ComponentProps, useSyncExternalStore } from 'react';

export const pages = [
  'map',
  'check-ins',
  'duty',
  'journeys',
  'fences',
  'time',
  'leave',
  'review',
  'figures',
  'reports',
  'operator',
  'branches',
  'people',
  'teams',
  'roles',
  'settings',
  'integrations',
  'journal',
  'licence',
  'account',
] as const;
export type Page = (typeof pages)[number];

export interface Route {
  /** `home` is wherever this person may go first; null is no page of ours. */
  page: Page | 'home' | null;
  /** What follows the page in the path, such as the id of a report run. */
  rest: string | null;
  query: URLSearchParams;
}

/** What somebody must hold to be shown a page, in the order of the navigation. */
export const pagePermissions: Readonly<Record<Page, string>> = {
  map: 'tracking.read',
  'check-ins': 'check-ins.read',
  duty: 'duty.read',
  journeys: 'tracking.read',
  fences: 'geofences.read',
  time: 'attendance.read',
  leave: 'leave.read',
  review: 'check-ins.review',
  figures: 'activity.read',
  reports: 'reports.run',
  operator: 'platform.observe',
  branches: 'branches.read',
  people: 'people.read',
  teams: 'teams.read',
  roles: 'roles.read',
  settings: 'config.read',
  integrations: 'integrations.manage',
  journal: 'journal.read',
  licence: 'license.read',
  account: 'account.use',
};

const listeners = new Set<() => void>();
let route = read();

window.addEventListener('popstate', refresh);

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => route);
}

export function navigate(path: string, options: { replace?: boolean } = {}): void {
  if (options.replace) window.history.replaceState(null, '', path);
  if (!options.replace) window.history.pushState(null, '', path);
  refresh();
}

/** Changes one value of the query and keeps the page; null takes it out. */
export function setQuery(key: string, value: string | null): void {
  const query = new URLSearchParams(window.location.search);
  if (value === null) query.delete(key);
  if (value !== null) query.set(key, value);
  const text = query.toString();
  navigate(window.location.pathname + (text && `?${text}`), { replace: true });
}

export function Link({ href, onClick, ...rest }: ComponentProps<'a'> & { href: string }) {
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        onClick?.(event);
        // New tabs and downloads are the browser's own business.
        if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        navigate(href);
      }}
    />
  );
}

function read(): Route {
  const [first = '', rest] = window.location.pathname.split('/').filter(Boolean);
  const page = first === '' ? 'home' : (pages.find((name) => name === first) ?? null);
  return { page, rest: rest ?? null, query: new URLSearchParams(window.location.search) };
}

function refresh(): void {
  route = read();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
