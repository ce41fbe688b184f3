import type { Branch } from '@loro/contracts/branches';
import type { SeenUser } from '@loro/contracts/people-values';
import { useMemo, useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { Link, navigate, useRoute } from '../../app/routes';
import { usePermission } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { Button } from '../../ui/button';
import { Face } from '../../ui/face';
import { SelectField, TextField } from '../../ui/field';
import { useSettled } from '../../ui/use-settled';
import { useBranches } from '../branches/use-branches';
import { ImportPage } from './import-page';
import { InviteDialog } from './invite-dialog';
import { PersonPanel } from './person-panel';
import { StatusBadge, statuses, statusTitle } from './status-badge';

const none: readonly Branch[] = [];

/** Who belongs to the organisation. */
export function PeoplePage() {
  const { rest } = useRoute();
  const mayWrite = usePermission('people.write');
  return rest === 'import' && mayWrite ? <ImportPage /> : <People personId={rest} />;
}

function People({ personId }: { personId: string | null }) {
  const request = useBranches();
  // Who may not see branches still sees people.
  const branches = request.state === 'ready' ? request.data : none;
  const branchNames = useMemo(() => new Map(branches.map(({ id, name }) => [id, name])), [branches]);
  const mayInvite = usePermission('people.write');
  const [isInviting, setInviting] = useState(false);
  const [round, setRound] = useState(0);
  const changed = () => setRound((count) => count + 1);

  return (
    <div className="page split-page">
      <header className="page-head">
        <h1 tabIndex={-1}>People</h1>
        {mayInvite && (
          <div className="page-tools">
            <Button onClick={() => navigate('/people/import')}>From a file</Button>
            <Button kind="primary" icon="plus" onClick={() => setInviting(true)}>
              Invite somebody
            </Button>
          </div>
        )}
      </header>
      <div className={personId === null ? 'split' : 'split split-open'}>
        <PeopleList round={round} openId={personId} branches={branches} branchNames={branchNames} />
        {personId !== null && (
          <div>
            <Link className="split-back" href="/people">
              All people
            </Link>
            <PersonPanel key={personId} personId={personId} branches={branches} onChange={changed} />
          </div>
        )}
      </div>
      {isInviting && <InviteDialog branches={branches} onClose={() => setInviting(false)} onInvited={changed} />}
    </div>
  );
}

interface PeopleListProps {
  /** Grows when somebody was changed from this page. */
  round: number;
  openId: string | null;
  branches: readonly Branch[];
  branchNames: ReadonlyMap<string, string>;
}

function PeopleList({ round, openId, branches, branchNames }: PeopleListProps) {
  const maySeeDetails = usePermission('people.read-details');
  const [typed, setTyped] = useState('');
  const [status, setStatus] = useState('');
  const [branchId, setBranchId] = useState('');
  const q = useSettled(typed.trim());
  const asked = statuses.find((one) => one === status);
  const filter = { ...(q && { q }), ...(asked && { status: asked }), ...(branchId && { branchId }) };
  const pages = usePages<SeenUser>((input) => hub.people.list({ ...filter, ...input }), {
    limit: 25,
    key: JSON.stringify(filter),
    round,
  });
  useHeard(hearPeople, pages.retry);

  const tools = (
    <>
      <TextField label="Search" type="search" value={typed} onChange={(event) => setTyped(event.target.value)} />
      {maySeeDetails && (
        <SelectField label="Status" value={status} onChange={(event) => setStatus(event.target.value)}>
          <option value="">Everybody who is here</option>
          {statuses.map((one) => (
            <option key={one} value={one}>
              {statusTitle(one)}
            </option>
          ))}
        </SelectField>
      )}
      {branches.length > 1 && (
        <SelectField label="Branch" value={branchId} onChange={(event) => setBranchId(event.target.value)}>
          <option value="">All branches</option>
          {branches.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
    </>
  );
  return (
    <PagedPanel
      title="Everybody"
      tools={tools}
      pages={pages}
      empty={{ icon: 'users', title: 'Nobody is found', text: 'Search for another name, or take the filters away.' }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map((person) => (
            <li key={person.id}>
              <PersonRow person={person} isOpen={person.id === openId} branchNames={branchNames} />
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}

interface PersonRowProps {
  person: SeenUser;
  isOpen: boolean;
  branchNames: ReadonlyMap<string, string>;
}

function PersonRow({ person, isOpen, branchNames }: PersonRowProps) {
  const { id, name, jobTitle, homeBranchId, status, email } = person;
  const branch = homeBranchId === null ? undefined : branchNames.get(homeBranchId);
  return (
    <Link className="row" href={`/people/${id}`} aria-current={isOpen ? 'true' : undefined}>
      <Face name={name} />
      <span className="row-text">
        <span className="truncate">{name}</span>
        <span className="small muted truncate">{[jobTitle, branch, email].filter(Boolean).join(' · ')}</span>
      </span>
      {status !== undefined && (
        <span className="row-end">
          <StatusBadge status={status} />
        </span>
      )}
    </Link>
  );
}

/** What branches tell of their people; `useBranches` follows them. */
const hearPeople = (heard: () => void) => [
  hub.people.on('user:invited', heard),
  hub.people.on('user:activated', heard),
  hub.people.on('user:updated', heard),
  hub.people.on('user:suspended', heard),
  hub.people.on('user:deactivated', heard),
  hub.people.on('users:imported', heard),
];
