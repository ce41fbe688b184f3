import { lazy, StrictMode, Suspense } from 'react';
import { AccountPage } from '../modules/account/account-page';
import { LinkPage } from '../modules/auth/link-pages';
import { useLinkRoute } from '../modules/auth/link-route';
import { SignInPage } from '../modules/auth/sign-in';
import { CheckInsPage } from '../modules/check-ins/check-ins-page';
import { JournalPage } from '../modules/journal/journal-page';
import { LicencePage } from '../modules/licence/licence-page';
import { OperatorPage } from '../modules/operator/operator-page';
import { PeoplePage } from '../modules/people/people-page';
import { RolesPage } from '../modules/people/roles-page';
import { ReportsPage } from '../modules/reports/reports-page';
import { SettingsPage } from '../modules/settings/settings-page';
import { Logo } from '../ui/icons';
import { Empty, Failed, Skeleton } from '../ui/panel';
import { Toasts } from '../ui/toast';
import { ErrorBoundary } from './error-boundary';
import { ProofProvider } from './proof';
import { Link } from './routes';
import { SessionProvider, useSession } from './session';
import { Shell } from './shell';
import { useCurrentPage } from './use-current-page';

// MapLibre is by far the largest thing here; only the map waits for it.
const MapPage = lazy(async () => ({ default: (await import('../modules/tracking/map-page')).MapPage }));

export function App() {
  return (
    <StrictMode>
      <SessionProvider>
        <ErrorBoundary>
          <Gate />
        </ErrorBoundary>
        <Toasts />
      </SessionProvider>
    </StrictMode>
  );
}

function Gate() {
  const { session, reopen } = useSession();
  const link = useLinkRoute();
  if (session.state === 'opening') return <Splash />;
  if (link && session.state !== 'unreachable') return <LinkPage {...link} />;
  if (session.state === 'signed-out') return <SignInPage notice={session.notice} />;
  if (session.state === 'unreachable') {
    return (
      <main className="splash">
        <Failed title="The hub cannot be reached" detail={session.detail} onRetry={reopen} />
      </main>
    );
  }
  return (
    <ProofProvider>
      <Shell>
        <CurrentPage />
      </Shell>
    </ProofProvider>
  );
}

function CurrentPage() {
  const page = useCurrentPage();
  if (page === 'check-ins') return <CheckInsPage />;
  if (page === 'reports') return <ReportsPage />;
  if (page === 'operator') return <OperatorPage />;
  if (page === 'people') return <PeoplePage />;
  if (page === 'roles') return <RolesPage />;
  if (page === 'settings') return <SettingsPage />;
  if (page === 'journal') return <JournalPage />;
  if (page === 'licence') return <LicencePage />;
  if (page === 'account') return <AccountPage />;
  if (page === 'map') {
    return (
      <Suspense fallback={<Skeleton lines={6} label="Loading the map" />}>
        <MapPage />
      </Suspense>
    );
  }
  if (page === 'closed') {
    return (
      <Empty icon="lost" title="There is nothing here for your role">
        Ask an administrator if you expected to see something.
      </Empty>
    );
  }
  return (
    <Empty icon="search" title="There is nothing at this address">
      <Link href="/">Go to the start</Link>
    </Empty>
  );
}

function Splash() {
  return (
    <main className="splash" role="status">
      <Logo size={48} />
      <span className="visually-hidden">Opening Loro Hub</span>
    </main>
  );
}
