import { type ComponentType, lazy, Suspense } from 'react';
import { AccountPage } from '../modules/account/account-page';
import { CheckInsPage } from '../modules/check-ins/check-ins-page';
import { DutyPage } from '../modules/duty/duty-page';
import { FiguresPage } from '../modules/figures/figures-page';
import { IntegrationsPage } from '../modules/integrations/integrations-page';
import { JournalPage } from '../modules/journal/journal-page';
import { LeavePage } from '../modules/leave/leave-page';
import { LicencePage } from '../modules/licence/licence-page';
import { OperatorPage } from '../modules/operator/operator-page';
import { PeoplePage } from '../modules/people/people-page';
import { RolesPage } from '../modules/people/roles-page';
import { ReportsPage } from '../modules/reports/reports-page';
import { ReviewPage } from '../modules/review/review-page';
import { SettingsPage } from '../modules/settings/settings-page';
import { TeamsPage } from '../modules/teams/teams-page';
import { TimePage } from '../modules/time/time-page';
import { Skeleton } from '../ui/panel';
import type { Page } from './routes';

// MapLibre is by far the largest thing here; only pages with a map wait for it.
const MapPage = lazy(async () => ({ default: (await import('../modules/tracking/map-page')).MapPage }));
const BranchesPage = lazy(async () => ({
  default: (await import('../modules/branches/branches-page')).BranchesPage,
}));
const FencesPage = lazy(async () => ({ default: (await import('../modules/fences/fences-page')).FencesPage }));
const JourneysPage = lazy(async () => ({
  default: (await import('../modules/journeys/journeys-page')).JourneysPage,
}));

const views: Readonly<Record<Page, ComponentType>> = {
  map: MapPage,
  'check-ins': CheckInsPage,
  duty: DutyPage,
  journeys: JourneysPage,
  fences: FencesPage,
  time: TimePage,
  leave: LeavePage,
  review: ReviewPage,
  figures: FiguresPage,
  reports: ReportsPage,
  operator: OperatorPage,
  branches: BranchesPage,
  people: PeoplePage,
  teams: TeamsPage,
  roles: RolesPage,
  settings: SettingsPage,
  integrations: IntegrationsPage,
  journal: JournalPage,
  licence: LicencePage,
  account: AccountPage,
};

/** What stands at a page's address. */
export function PageView({ page }: { page: Page }) {
  const View = views[page];
  return (
    <Suspense fallback={<Skeleton lines={6} label="Loading the page" />}>
      <View />
    </Suspense>
  );
}
