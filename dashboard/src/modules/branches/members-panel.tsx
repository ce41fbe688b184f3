import type { Branch } from '@loro/contracts/branches';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { Link } from '../../app/routes';
import { useMe } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Face } from '../../ui/face';
import { TextField } from '../../ui/field';
import { formatCalendarDate } from '../../ui/format';
import { reaches } from '../people/reach';
import { AddMemberDialog, type BranchMember, EndMemberDialog, TransferDialog } from './member-dialogs';

interface MembersPanelProps {
  branch: Branch;
  branches: readonly Branch[];
  onChange: () => void;
}

/** Who belongs to a branch on a date, and the ways to change it. */
export function MembersPanel({ branch, branches, onChange }: MembersPanelProps) {
  const { id: branchId } = branch;
  const mayStaff = reaches(useMe(), 'branches.staff', { homeBranchId: branchId });
  const [on, setOn] = useState('');
  const [hasHistory, setHistory] = useState(false);
  const [asked, setAsked] = useState<{ what: 'add' } | { what: 'transfer' | 'end'; member: BranchMember } | null>(null);
  const filter = { branchId, ...(on !== '' && { on }), ...(hasHistory && { history: 'true' as const }) };
  const pages = usePages<BranchMember>((input) => hub.branches.members({ ...filter, ...input }), {
    limit: 25,
    key: JSON.stringify(filter),
  });
  useHeard((heard) => [hub.branches.on('branch:member-changed', heard)], pages.retry);
  const close = () => setAsked(null);
  const changed = () => {
    pages.retry();
    onChange();
  };
  return (
    <>
      <PagedPanel
        title="Who belongs here"
        aside={
          mayStaff && (
            <Button icon="plus" onClick={() => setAsked({ what: 'add' })}>
              Add somebody
            </Button>
          )
        }
        tools={
          <>
            <TextField label="On" type="date" value={on} onChange={(event) => setOn(event.target.value)} />
            <label className="check">
              <input type="checkbox" checked={hasHistory} onChange={(event) => setHistory(event.target.checked)} />
              Whoever ever did or will
            </label>
          </>
        }
        pages={pages}
        empty={{ icon: 'users', title: 'Nobody', text: 'On this date nobody belongs to this branch.' }}
      >
        {(rows) => (
          <ul className="row-list">
            {rows.map((member) => (
              <MemberRow
                key={member.id}
                member={member}
                mayStaff={mayStaff}
                onTransfer={() => setAsked({ what: 'transfer', member })}
                onEnd={() => setAsked({ what: 'end', member })}
              />
            ))}
          </ul>
        )}
      </PagedPanel>
      {asked?.what === 'add' && <AddMemberDialog branch={branch} onClose={close} onDone={changed} />}
      {asked?.what === 'transfer' && (
        <TransferDialog member={asked.member} branches={branches} onClose={close} onDone={changed} />
      )}
      {asked?.what === 'end' && (
        <EndMemberDialog branch={branch} member={asked.member} onClose={close} onDone={changed} />
      )}
    </>
  );
}

interface MemberRowProps {
  member: BranchMember;
  mayStaff: boolean;
  onTransfer: () => void;
  onEnd: () => void;
}

function MemberRow({ member, mayStaff, onTransfer, onEnd }: MemberRowProps) {
  const { name, userId, role, fte, isPrimary, from, to } = member;
  const span =
    to === null ? `since ${formatCalendarDate(from)}` : `${formatCalendarDate(from)} to ${formatCalendarDate(to)}`;
  return (
    <li className="row">
      <Face name={name} />
      <span className="row-text">
        <Link href={`/people/${userId}`} className="truncate">
          {name}
        </Link>
        <span className="small muted">
          {[role, fte < 1 && `${Math.round(fte * 100)} %`, span].filter(Boolean).join(' · ')}
        </span>
      </span>
      <span className="row-end">
        {!isPrimary && <Badge tone="info">also here</Badge>}
        {mayStaff && to === null && (
          <>
            <Button kind="quiet" aria-label={`Move ${name} to another branch`} onClick={onTransfer}>
              Move
            </Button>
            <Button kind="quiet" aria-label={`End that ${name} belongs here`} onClick={onEnd}>
              End
            </Button>
          </>
        )}
      </span>
    </li>
  );
}
