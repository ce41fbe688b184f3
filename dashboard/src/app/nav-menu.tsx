import { useId } from 'react';
import { Icon, type IconName } from '../ui/icons';
import { Link, type Page, pagePermissions } from './routes';
import { mayOf, useMe } from './session';

export interface MenuEntry {
  readonly page: Page;
  readonly title: string;
  readonly icon: IconName;
}

interface NavMenuProps {
  title: string;
  icon: IconName;
  entries: readonly MenuEntry[];
  current: string | null;
}

/** Pages behind one entry of the navigation, so that this stays short on a phone. */
export function NavMenu({ title, icon, entries, current }: NavMenuProps) {
  const me = useMe();
  const id = useId();
  const open = entries.filter(({ page }) => mayOf(me, pagePermissions[page]));
  if (open.length === 0) return null;
  const isHere = open.some(({ page }) => page === current);
  // Where the browser ties a menu to its button, each has a name of its own.
  const anchor = `--nav-${title.toLowerCase()}`;
  return (
    <>
      <button
        type="button"
        className="nav-link"
        popoverTarget={id}
        aria-current={isHere ? 'true' : undefined}
        style={{ anchorName: anchor }}
      >
        <Icon name={icon} />
        {title}
      </button>
      <div className="menu menu-nav" id={id} popover="auto" style={{ positionAnchor: anchor }}>
        {open.map(({ page, title: name, icon: sign }) => (
          <Link key={page} className="menu-link" href={`/${page}`} aria-current={page === current ? 'page' : undefined}>
            <Icon name={sign} />
            {name}
          </Link>
        ))}
      </div>
    </>
  );
}
