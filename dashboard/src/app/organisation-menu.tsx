import { useId } from 'react';
import { Icon, type IconName } from '../ui/icons';
import { Link, type Page, pagePermissions } from './routes';
import { mayOf, useMe } from './session';

const entries: readonly { page: Page; title: string; icon: IconName }[] = [
  { page: 'people', title: 'People', icon: 'users' },
  { page: 'roles', title: 'Roles', icon: 'key' },
  { page: 'settings', title: 'Settings', icon: 'settings' },
  { page: 'journal', title: 'Journal', icon: 'journal' },
  { page: 'licence', title: 'Licence', icon: 'licence' },
];

/** The titles of the pages behind the menu. */
export const organisationTitles: ReadonlyMap<string, string> = new Map(entries.map(({ page, title }) => [page, title]));

/** What concerns the organisation itself, behind one entry of the navigation, so that this stays short on a phone. */
export function OrganisationMenu({ current }: { current: string | null }) {
  const me = useMe();
  const id = useId();
  const open = entries.filter(({ page }) => mayOf(me, pagePermissions[page]));
  if (open.length === 0) return null;
  const isHere = open.some(({ page }) => page === current);
  return (
    <>
      <button type="button" className="nav-link" popoverTarget={id} aria-current={isHere ? 'true' : undefined}>
        <Icon name="branch" />
        Organisation
      </button>
      <div className="menu menu-organisation" id={id} popover="auto">
        {open.map(({ page, title, icon }) => (
          <Link key={page} className="menu-link" href={`/${page}`} aria-current={page === current ? 'page' : undefined}>
            <Icon name={icon} />
            {title}
          </Link>
        ))}
      </div>
    </>
  );
}
