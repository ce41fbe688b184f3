import { StrictMode } from 'react';
import { LinkPage } from '../modules/auth/link-pages';
import { useLinkRoute } from '../modules/auth/link-route';
import { SignInPage } from '../modules/auth/sign-in';
import { Logo } from '../ui/icons';
import { Empty, Failed } from '../ui/panel';
import { Toasts } from '../ui/toast';
import { ErrorBoundary } from './error-boundary';
import { PageView } from './page-view';
import { ProofProvider } from './proof';
import { Link } from './routes';
import { SessionProvider, useSession } from './session';
import { Shell } from './shell';
import { useCurrentPage } from './use-current-page';

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
  if (page !== null && page !== 'closed') return <PageView page={page} />;
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
