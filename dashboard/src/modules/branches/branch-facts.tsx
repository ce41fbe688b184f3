import type { Branch } from '@loro/contracts/branches';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { useMe, usePermission } from '../../app/session';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { formatCalendarDate, formatMoment } from '../../ui/format';
import { Panel } from '../../ui/panel';
import { reaches } from '../people/reach';
import { useNames } from '../people/use-names';
import { BranchDialog } from './branch-dialog';
import { BranchSteps } from './branch-steps';
import { BranchStatusBadge, kindTitle } from './branch-words';

interface BranchFactsProps {
  branch: Branch;
  branches: readonly Branch[];
  onChange: () => void;
}

/** What is known of a branch, whether it is open now, and what can be done about it. */
export function BranchFacts({ branch, branches, onChange }: BranchFactsProps) {
  const me = useMe();
  const [isEditing, setEditing] = useState(false);
  const mayUpdate = reaches(me, 'branches.update', { homeBranchId: branch.id });
  const mayManage = usePermission('branches.manage');
  const names = useNames([branch.managerId]);
  const manager = branch.managerId === null ? undefined : names.get(branch.managerId);
  return (
    <Panel title={branch.name} aside={<BranchStatusBadge status={branch.status} />}>
      <div className="stack">
        <Openness branch={branch} />
        <dl className="facts">
          {factsOf(branch, manager, branches).map(([title, value]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {(mayUpdate || mayManage) && (
          <div className="actions">
            {mayUpdate && <Button onClick={() => setEditing(true)}>Change</Button>}
            {mayManage && <BranchSteps branch={branch} branches={branches} onChange={onChange} />}
          </div>
        )}
      </div>
      {isEditing && (
        <BranchDialog branch={branch} parents={branches} onClose={() => setEditing(false)} onSaved={onChange} />
      )}
    </Panel>
  );
}

function Openness({ branch: { id, version } }: { branch: Branch }) {
  const request = useRequest(`${id} ${version}`, () => hub.branches.open({ branchId: id }));
  if (request.state !== 'ready' || request.data.reason === 'not-active') return null;
  const { isOpen, closesAt, opensAt, reason } = request.data;
  if (reason === 'no-hours' && !isOpen) return <p className="small muted">Nobody said yet when it is open.</p>;
  const until = isOpen ? closesAt : opensAt;
  return (
    <p>
      <Badge tone={isOpen ? 'good' : 'neutral'}>{isOpen ? 'Open now' : 'Not open now'}</Badge>{' '}
      {until !== null && (
        <span className="small muted">
          {isOpen ? 'until' : 'opens'} {formatMoment(until)}
        </span>
      )}
    </p>
  );
}

function factsOf(
  branch: Branch,
  manager: string | undefined,
  branches: readonly Branch[],
): readonly (readonly [string, string])[] {
  const { address, nextTimezone } = branch;
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ['Code', branch.code],
    ['Kind', kindTitle(branch.kind)],
    ['Below', branches.find(({ id }) => id === branch.parentId)?.name],
    ['Manager', manager],
    ['Time zone', branch.timezone],
    ['Next time zone', nextTimezone && `${nextTimezone.timezone} from ${formatCalendarDate(nextTimezone.from)}`],
    ['Phone', branch.phone],
    ['E-mail', branch.email],
    ['Address', address && [address.line1, address.line2, address.postalCode, address.city].filter(Boolean).join(', ')],
    ['Country', branch.country],
    ['Made for', branch.capacityHeads === null ? null : `${branch.capacityHeads} people`],
    ['Opened', branch.openedOn && formatCalendarDate(branch.openedOn)],
    ['Closed', branch.closedOn && formatCalendarDate(branch.closedOn)],
  ];
  return facts.flatMap(([title, value]) => (value ? [[title, value] as const] : []));
}
