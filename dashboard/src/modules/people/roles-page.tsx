import type { Role } from '@loro/contracts/access-roles';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { Link, navigate, useRoute } from '../../app/routes';
import { usePermission } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { formatCount } from '../../ui/format';
import { RoleEditor } from './role-editor';
import { RolePanel } from './role-panel';
import { roleName } from './use-roles';
import './roles.css';

const NEW = 'new';

/** What each role may do, and the organisation's own roles to make and change. */
export function RolesPage() {
  const { rest } = useRoute();
  const mayManage = usePermission('roles.manage');
  const [round, setRound] = useState(0);
  const changed = () => setRound((count) => count + 1);
  const isNew = rest === NEW && mayManage;
  const made = (role: Role) => {
    changed();
    navigate(`/roles/${role.id}`);
  };
  const removed = () => {
    changed();
    navigate('/roles');
  };

  return (
    <div className="page split-page">
      <header className="page-head">
        <h1 tabIndex={-1}>Roles</h1>
        {mayManage && (
          <Button kind="primary" icon="plus" onClick={() => navigate(`/roles/${NEW}`)}>
            Make a role
          </Button>
        )}
      </header>
      <div className={rest === null ? 'split' : 'split split-open'}>
        <RoleList openId={rest} round={round} />
        {rest !== null && (
          <div>
            <Link className="split-back" href="/roles">
              All roles
            </Link>
            {isNew ? (
              <RoleEditor role={null} onSaved={made} onCancel={() => navigate('/roles')} />
            ) : (
              <RolePanel key={rest} roleId={rest} onChange={changed} onRemoved={removed} />
            )}
          </div>
        )}
      </div>
    </div>
  );
}

function RoleList({ openId, round }: { openId: string | null; round: number }) {
  const pages = usePages<Role>((input) => hub.access.roles(input), { limit: 20, round });
  // Of roles the hub tells only who holds them; a page that comes back reads them again.
  useHeard((heard) => [hub.access.on('roles:changed', heard)], pages.retry);
  return (
    <PagedPanel
      title="All roles"
      pages={pages}
      empty={{ icon: 'key', title: 'No roles', text: 'There is none beside the built-in ones.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map(({ id, name, description, isBuiltIn, permissions }) => (
            <li key={id}>
              <Link className="row" href={`/roles/${id}`} aria-current={id === openId ? 'true' : undefined}>
                <span className="row-text">
                  <span className="truncate">{roleName(name)}</span>
                  <span className="small muted">{description || `${formatCount(permissions.length)} permissions`}</span>
                </span>
                <span className="row-end">{!isBuiltIn && <Badge tone="info">own</Badge>}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}
