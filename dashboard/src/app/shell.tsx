import { type ReactNode, useEffect, useRef } from 'react';
import { Icon, type IconName, Logo } from '../ui/icons';
import { AccountMenu } from './account-menu';
import { ConnectionBadge } from './connection';
import { OrganisationMenu, organisationTitles } from './organisation-menu';
import { Link, type Page, pagePermissions, useRoute } from './routes';
import { mayOf, useMe } from './session';
import { useOwnRights } from './use-own-rights';
import { useCurrentPage } from './use-current-page';
import '../ui/split.css';
import './shell.css';

const entries: readonly { page: Page; href: string; title: string; icon: IconName }[] = [
  { page: 'map', href: '/map', title: 'Map', icon: 'map' },
  { page: 'check-ins', href: '/check-ins', title: 'Check-ins', icon: 'checkIns' },
  { page: 'reports', href: '/reports', title: 'Reports', icon: 'reports' },
  { page: 'operator', href: '/operator', title: 'Operation', icon: 'screen' },
];

function titleOf(page: ReturnType<typeof useCurrentPage>): string {
  if (page === 'account') return 'Your account';
  const title = entries.find((entry) => entry.page === page)?.title ?? organisationTitles.get(page ?? '');
  return title ?? 'Not found';
}

export function Shell({ children }: { children: ReactNode }) {
  const { rest, query } = useRoute();
  const page = useCurrentPage();
  const me = useMe();
  useOwnRights();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);

  useEffect(() => {
    document.title = `${titleOf(page)} · Loro Hub`;
    for (const menu of document.querySelectorAll<HTMLElement>(':popover-open')) menu.hidePopover();
    // A page change is announced by moving to its heading, as a full load would; the first load is one already.
    if (!first.current) (main.current?.querySelector('h1') ?? main.current)?.focus();
    first.current = false;
  }, [page, rest]);

  const branch = query.get('branch');
  const suffix = branch === null ? '' : `?branch=${encodeURIComponent(branch)}`;
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <header className="topbar">
        <Link className="brand" href="/" aria-label="Loro Hub, to the start">
          <Logo />
          <span className="brand-name">Loro Hub</span>
        </Link>
        <nav className="nav" aria-label="Main">
          {entries
            .filter((entry) => mayOf(me, pagePermissions[entry.page]))
            .map((entry) => (
              <NavLink key={entry.page} {...entry} href={entry.href + suffix} isCurrent={entry.page === page} />
            ))}
          <OrganisationMenu current={page} />
        </nav>
        <div className="topbar-end">
          <ConnectionBadge />
          <AccountMenu />
        </div>
      </header>
      <main id="main" className="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

interface NavLinkProps {
  href: string;
  title: string;
  icon: IconName;
  isCurrent: boolean;
}

function NavLink({ href, title, icon, isCurrent }: NavLinkProps) {
  return (
    <Link className="nav-link" href={href} aria-current={isCurrent ? 'page' : undefined}>
      <Icon name={icon} />
      {title}
    </Link>
  );
}
