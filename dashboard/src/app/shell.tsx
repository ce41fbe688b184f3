import { type ReactNode, useEffect, useRef } from 'react';
import { Icon, Logo } from '../ui/icons';
import { AccountMenu } from './account-menu';
import { ConnectionBadge } from './connection';
import { type MenuEntry, NavMenu } from './nav-menu';
import { lateEntries, mainEntries, organisationEntries, pageTitles, workEntries } from './pages';
import { Link, pagePermissions, useRoute } from './routes';
import { mayOf, useMe } from './session';
import { useOwnRights } from './use-own-rights';
import { useCurrentPage } from './use-current-page';
import '../ui/split.css';
import './shell.css';

export function Shell({ children }: { children: ReactNode }) {
  const { rest } = useRoute();
  const page = useCurrentPage();
  useOwnRights();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);

  useEffect(() => {
    document.title = `${pageTitles.get(page ?? '') ?? 'Not found'} · Loro Hub`;
    for (const menu of document.querySelectorAll<HTMLElement>(':popover-open')) menu.hidePopover();
    // A page change is announced by moving to its heading, as a full load would; the first load is one already.
    if (!first.current) (main.current?.querySelector('h1') ?? main.current)?.focus();
    first.current = false;
  }, [page, rest]);

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
          <NavLinks entries={mainEntries} current={page} />
          <NavMenu title="Work" icon="target" entries={workEntries} current={page} />
          <NavLinks entries={lateEntries} current={page} />
          <NavMenu title="Organisation" icon="branch" entries={organisationEntries} current={page} />
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

function NavLinks({ entries, current }: { entries: readonly MenuEntry[]; current: string | null }) {
  const me = useMe();
  const branch = useRoute().query.get('branch');
  const suffix = branch === null ? '' : `?branch=${encodeURIComponent(branch)}`;
  return entries
    .filter(({ page }) => mayOf(me, pagePermissions[page]))
    .map(({ page, title, icon }) => (
      <Link
        key={page}
        className="nav-link"
        href={`/${page}${suffix}`}
        aria-current={page === current ? 'page' : undefined}
      >
        <Icon name={icon} />
        {title}
      </Link>
    ));
}
