import type { Role } from '@loro/contracts/access-roles';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { describeProblem } from '../../app/problem';
import { usePermission } from '../../app/session';
import { useAction } from '../../app/use-action';
import { useHeard } from '../../app/use-heard';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Failed, Panel, Skeleton } from '../../ui/panel';
import { RoleEditor } from './role-editor';
import { areaTitle, grouped, scopeTitles, verbOf } from './role-permissions';
import { roleName } from './use-roles';

interface RolePanelProps {
  roleId: string;
  onChange: () => void;
  onRemoved: () => void;
}

export function RolePanel({ roleId, onChange, onRemoved }: RolePanelProps) {
  // Whatever stands in the address: the hub says when it names no role.
  const request = useRequest(roleId, () => hub.access.role({ roleId }));
  useHeard(
    (heard) => [hub.access.on('roles:changed', heard)],
    () => request.reload(),
  );
  const [isEditing, setEditing] = useState(false);
  if (request.state === 'loading') {
    return (
      <Panel>
        <Skeleton lines={4} label="Loading the role" />
      </Panel>
    );
  }
  if (request.state === 'failed') {
    return (
      <Panel>
        <Failed {...describeProblem(request.error)} onRetry={request.retry} />
      </Panel>
    );
  }
  if (isEditing) {
    const saved = () => {
      setEditing(false);
      request.reload();
      onChange();
    };
    return <RoleEditor role={request.data} onSaved={saved} onCancel={() => setEditing(false)} />;
  }
  return <Known role={request.data} onEdit={() => setEditing(true)} onRemoved={onRemoved} />;
}

function Known({ role, onEdit, onRemoved }: { role: Role; onEdit: () => void; onRemoved: () => void }) {
  const mayManage = usePermission('roles.manage');
  const { busy, run } = useAction();
  const { id, name, description, isBuiltIn, permissions, version } = role;
  const remove = async () => {
    if (await run('remove', () => hub.access.removeRole({ roleId: id }, { ifMatch: version }))) onRemoved();
  };
  return (
    <Panel title={roleName(name)} aside={isBuiltIn ? <Badge>built in</Badge> : <Badge tone="info">own</Badge>}>
      <div className="stack">
        {description !== '' && <p className="muted small">{description}</p>}
        {!isBuiltIn && mayManage && (
          <div className="actions">
            <Button kind="primary" onClick={onEdit}>
              Change
            </Button>
            <Button kind="danger" busy={busy !== null} onClick={() => void remove()}>
              Remove
            </Button>
          </div>
        )}
        {permissions.length === 0 && <p className="small muted">It may do nothing yet.</p>}
        {grouped(permissions).map(({ area, permissions: held }) => (
          <section key={area} className="permissions">
            <h3>{areaTitle(area)}</h3>
            <ul>
              {held.map(({ permission, scope }) => (
                <li key={permission}>
                  <span>{verbOf(permission)}</span>
                  <span className="small muted">{scopeTitles[scope]}</span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Panel>
  );
}
