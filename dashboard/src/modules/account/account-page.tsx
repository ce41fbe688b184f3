import { useMe } from '../../app/session';
import { Panel } from '../../ui/panel';
import { FactorPanel } from './factor-panel';
import { OwnProfile } from './own-profile';
import { PasswordPanel } from './password-panel';
import { SessionsPanel } from './sessions-panel';
import './account.css';

/** One's own account: who one is here, how one signs in, and where one is signed in. */
export function AccountPage() {
  const { user, organisation, roles } = useMe();
  return (
    <div className="page account-page">
      <header>
        <h1 tabIndex={-1}>Your account</h1>
        <p className="muted">{organisation.name}</p>
      </header>
      <Panel title="Profile" aside={<OwnProfile />}>
        <dl className="account-facts">
          <Fact name="Name">{user.name}</Fact>
          <Fact name="E-mail">{user.email}</Fact>
          <Fact name="Role">{roles.map((role) => role.replaceAll('_', ' ')).join(', ')}</Fact>
          {user.jobTitle !== null && <Fact name="Job">{user.jobTitle}</Fact>}
          {user.employeeNo !== null && <Fact name="Employee number">{user.employeeNo}</Fact>}
        </dl>
      </Panel>
      <FactorPanel />
      <PasswordPanel />
      <SessionsPanel />
    </div>
  );
}

function Fact({ name, children }: { name: string; children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
