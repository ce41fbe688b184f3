import type { MenuEntry } from './nav-menu';

/** What stands in the navigation itself. */
export const mainEntries: readonly MenuEntry[] = [
  { page: 'map', title: 'Map', icon: 'map' },
  { page: 'check-ins', title: 'Check-ins', icon: 'checkIns' },
];

/** The work of every day, behind one entry. */
export const workEntries: readonly MenuEntry[] = [
  { page: 'duty', title: 'Who is on duty', icon: 'found' },
  { page: 'journeys', title: 'Journeys', icon: 'map' },
  { page: 'fences', title: 'Fences', icon: 'target' },
  { page: 'time', title: 'Time sheet', icon: 'journal' },
  { page: 'leave', title: 'Leave', icon: 'sun' },
  { page: 'review', title: 'Review', icon: 'check' },
  { page: 'figures', title: 'Figures', icon: 'reports' },
];

export const lateEntries: readonly MenuEntry[] = [
  { page: 'reports', title: 'Reports', icon: 'reports' },
  { page: 'operator', title: 'Operation', icon: 'screen' },
];

/** What concerns the organisation itself, behind one entry. */
export const organisationEntries: readonly MenuEntry[] = [
  { page: 'branches', title: 'Branches', icon: 'branch' },
  { page: 'people', title: 'People', icon: 'user' },
  { page: 'teams', title: 'Teams', icon: 'users' },
  { page: 'roles', title: 'Roles', icon: 'key' },
  { page: 'settings', title: 'Settings', icon: 'settings' },
  { page: 'integrations', title: 'Connections', icon: 'found' },
  { page: 'journal', title: 'Journal', icon: 'journal' },
  { page: 'licence', title: 'Licence', icon: 'licence' },
];

export const pageTitles: ReadonlyMap<string, string> = new Map([
  ...[...mainEntries, ...workEntries, ...lateEntries, ...organisationEntries].map(
    ({ page, title }) => [page, title] as const,
  ),
  ['account', 'Your account'],
]);
