import { useId } from 'react';
import { Button } from '../ui/button';
import { initialsOf } from '../ui/format';
import type { IconName } from '../ui/icons';
import { Segments } from '../ui/segments';
import { Link } from './routes';
import { useMe, useSession } from './session';
import { type ThemeChoice, useThemeChoice } from './theme';

/** A native popover: it closes on Escape and on a click elsewhere, and gives the focus back, without a line of ours. */
export function AccountMenu() {
  const { user, organisation, roles } = useMe();
  const { leave } = useSession();
  const id = useId();
  return (
    <>
      <button type="button" className="account" popoverTarget={id} aria-label={`Account of ${user.name}`}>
        {initialsOf(user.name)}
      </button>
      <div className="menu" id={id} popover="auto">
        <div className="menu-person">
          <p className="menu-name">{user.name}</p>
          <p className="small muted truncate">{user.email}</p>
          <p className="small muted">
            {[user.jobTitle ?? roles.map(roleName).join(', '), organisation.name].filter(Boolean).join(' · ')}
          </p>
        </div>
        <Link className="menu-link" href="/account">
          Your account
        </Link>
        <ThemeSwitch />
        <Button kind="quiet" icon="signOut" onClick={() => void leave()}>
          Sign out
        </Button>
      </div>
    </>
  );
}

const roleName = (role: string): string => role.replaceAll('_', ' ');

const choices: readonly { choice: ThemeChoice; title: string; icon: IconName }[] = [
  { choice: 'system', title: 'System', icon: 'screen' },
  { choice: 'light', title: 'Light', icon: 'sun' },
  { choice: 'dark', title: 'Dark', icon: 'moon' },
];

function ThemeSwitch() {
  const [current, choose] = useThemeChoice();
  return <Segments legend="Theme" choices={choices} value={current} onChange={choose} />;
}
