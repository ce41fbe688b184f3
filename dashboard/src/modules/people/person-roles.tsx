import type { HeldRole } from '@loro/contracts/access-roles';
import type { Branch } from '@loro/contracts/branches';
import type { SeenUser } from '@loro/contracts/people-values';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { describeProblem } from '../../app/problem';
import { useMe, usePermission } from '../../app/session';
import { useAction } from '../../app/use-action';
import { useHeard } from '../../app/use-heard';
import { useRequest } from '../../app/use-request';
import { Button } from '../../ui/button';
import { formatMoment } from '../../ui/format';
import { Empty, Failed, Panel, Skeleton } from '../../ui/panel';
import { GrantDialog } from './grant-dialog';
import { reaches } from './reach';
import { roleName } from './use-roles';

interface PersonRolesProps {
  person: SeenUser;
  branches: readonly Branch[];
}

/** Which roles somebody holds, where and until when; for who may see roles. */
export function PersonRoles(props: PersonRolesProps) {
  return usePermission('roles.read') ? <Roles {...props} /> : null;
}

function Roles({ person, branches }: PersonRolesProps) {
  const me = useMe();
  const { busy, run } = useAction();
  const [isGranting, setGranting] = useState(false);
  const request = useRequest(person.id, () => hub.access.rolesOf({ userId: person.id }));
  // The hub tells of roles to who holds them; others hear that the person changed, or come back to the page.
  useHeard(
    (heard) => [
      hub.access.on('roles:changed', ({ userId }) => userId === person.id && heard()),
      hub.people.on('user:updated', ({ id }) => id === person.id && heard()),
    ],
    () => request.reload(),
  );
  const mayManage = person.id !== me.user.id && reaches(me, 'roles.manage', person);

  const take = async ({ role, branchId }: HeldRole) => {
    const input = { userId: person.id, role, ...(branchId !== null && { branchId }) };
    if (await run(keyOf({ role, branchId }), () => hub.access.revokeRole(input))) request.reload();
  };
  return (
    <Panel
      title="Roles"
      aside={
        mayManage && (
          <Button icon="plus" onClick={() => setGranting(true)}>
            Give a role
          </Button>
        )
      }
      flush
    >
      {request.state === 'loading' && <Skeleton lines={2} label="Loading the roles" />}
      {request.state === 'failed' && <Failed {...describeProblem(request.error)} onRetry={request.retry} />}
      {request.state === 'ready' && request.data.roles.length === 0 && (
        <Empty icon="key" title="No roles">
          Without one, there is nothing this person may do.
        </Empty>
      )}
      {request.state === 'ready' && (
        <ul className="row-list">
          {request.data.roles.map((held) => (
            <li className="row" key={keyOf(held)}>
              <span className="row-text">
                {roleName(held.name)}
                <span className="small muted">{whereOf(held, branches)}</span>
              </span>
              {mayManage && held.role !== 'owner' && (
                <Button
                  kind="quiet"
                  busy={busy === keyOf(held)}
                  aria-label={`Take ${roleName(held.name)} away`}
                  onClick={() => void take(held)}
                >
                  Take away
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {isGranting && (
        <GrantDialog
          person={person}
          branches={branches}
          onClose={() => setGranting(false)}
          onGranted={() => request.reload()}
        />
      )}
    </Panel>
  );
}

const keyOf = ({ role, branchId }: Pick<HeldRole, 'role' | 'branchId'>): string => `${role} ${branchId ?? ''}`;

function whereOf({ branchId, expiresAt }: HeldRole, branches: readonly Branch[]): string {
  const at =
    branchId === null ? 'at the home branch' : `at ${branches.find(({ id }) => id === branchId)?.name ?? 'one branch'}`;
  return expiresAt === null ? at : `${at}, until ${formatMoment(expiresAt)}`;
}
