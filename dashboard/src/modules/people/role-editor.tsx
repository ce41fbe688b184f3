import type { Role } from '@loro/contracts/access-roles';
import type { Scope } from '@loro/contracts/kit/permissions';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useProof } from '../../app/proof';
import { useMe } from '../../app/session';
import { Button } from '../../ui/button';
import { Select, TextField } from '../../ui/field';
import { Panel } from '../../ui/panel';
import { useForm } from '../auth/use-form';
import { areaTitle, grouped, type PermissionGroup, scopes, scopeTitles, verbOf } from './role-permissions';

interface RoleEditorProps {
  /** Null makes a new one. */
  role: Role | null;
  onSaved: (role: Role) => void;
  onCancel: () => void;
}

type Chosen = ReadonlyMap<string, Scope>;

export function RoleEditor({ role, onSaved, onCancel }: RoleEditorProps) {
  const { grants } = useMe();
  const prove = useProof();
  const [name, setName] = useState(role?.name ?? '');
  const [description, setDescription] = useState(role?.description ?? '');
  const [chosen, setChosen] = useState<Chosen>(
    () => new Map(role?.permissions.map(({ permission, scope }) => [permission, scope])),
  );
  const { errors, isBusy, submit } = useForm(
    async () => {
      const permissions = [...chosen].map(([permission, scope]) => ({ permission, scope }));
      onSaved(await prove(() => save(role, { name, description, permissions })));
    },
    { ROLE_NAME_TAKEN: 'name' },
  );
  const choose = (permission: string, scope: Scope | null) => {
    const next = new Map(chosen);
    if (scope === null) next.delete(permission);
    else next.set(permission, scope);
    setChosen(next);
  };
  return (
    <Panel title={role ? `Change ${role.name}` : 'A new role'}>
      <form className="stack" onSubmit={submit} noValidate>
        <TextField label="Name" value={name} error={errors['name']} onChange={(event) => setName(event.target.value)} />
        <TextField
          label="What it is for"
          value={description}
          error={errors['description']}
          onChange={(event) => setDescription(event.target.value)}
        />
        {/* A role cannot hold what its maker lacks. */}
        {grouped(grants).map((group) => (
          <AreaFields key={group.area} group={group} chosen={chosen} onChoose={choose} />
        ))}
        {errors['permission'] !== undefined && <p className="field-error">{errors['permission']}</p>}
        <div className="dialog-end">
          <Button kind="quiet" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" busy={isBusy}>
            {role ? 'Save it' : 'Make it'}
          </Button>
        </div>
      </form>
    </Panel>
  );
}

interface AreaFieldsProps {
  /** What the signed-in person may do in this area, and how far. */
  group: PermissionGroup;
  chosen: Chosen;
  onChoose: (permission: string, scope: Scope | null) => void;
}

function AreaFields({ group: { area, permissions }, chosen, onChoose }: AreaFieldsProps) {
  const count = permissions.filter(({ permission }) => chosen.has(permission)).length;
  return (
    <details className="permissions">
      <summary>
        {areaTitle(area)} {count > 0 && <span className="muted small">{count} given</span>}
      </summary>
      <ul>
        {permissions.map(({ permission, scope: widest }) => (
          <li key={permission}>
            <span>{verbOf(permission)}</span>
            <Select
              aria-label={`${areaTitle(area)}: ${verbOf(permission)}`}
              value={chosen.get(permission) ?? ''}
              onChange={({ target: { value } }) => onChoose(permission, scopes.find((one) => one === value) ?? null)}
            >
              <option value="">no</option>
              {scopes.slice(0, scopes.indexOf(widest) + 1).map((scope) => (
                <option key={scope} value={scope}>
                  {scopeTitles[scope]}
                </option>
              ))}
            </Select>
          </li>
        ))}
      </ul>
    </details>
  );
}

type Draft = Pick<Role, 'name' | 'description' | 'permissions'>;

async function save(role: Role | null, { name, description, permissions }: Draft): Promise<Role> {
  if (role === null) return hub.access.makeRole({ name, description, permissions });
  const { id: roleId } = role;
  const isRenamed = name !== role.name || description !== role.description;
  const { version } = isRenamed
    ? await hub.access.changeRole({ roleId, name, description }, { ifMatch: role.version })
    : role;
  return hub.access.setRolePermissions({ roleId, permissions }, { ifMatch: version });
}
