import type { Branch } from '@loro/contracts/branches';
import type { Team } from '@loro/contracts/people-teams';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { Link, navigate, useRoute } from '../../app/routes';
import { usePermission } from '../../app/session';
import { useHeard } from '../../app/use-heard';
import { usePages } from '../../app/use-pages';
import { Button } from '../../ui/button';
import { SelectField } from '../../ui/field';
import { useBranches } from '../branches/use-branches';
import { useNames } from '../people/use-names';
import { TeamDialog } from './team-dialog';
import { TeamPanel } from './team-panel';

const none: readonly Branch[] = [];

/** The teams, and who belongs to them. */
export function TeamsPage() {
  const { rest: teamId } = useRoute();
  const request = useBranches();
  const branches = request.state === 'ready' ? request.data : none;
  const mayManage = usePermission('teams.manage');
  const [isMaking, setMaking] = useState(false);
  const [round, setRound] = useState(0);
  const changed = () => setRound((count) => count + 1);
  return (
    <div className="page split-page">
      <header className="page-head">
        <h1 tabIndex={-1}>Teams</h1>
        {mayManage && (
          <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
            Make a team
          </Button>
        )}
      </header>
      <div className={teamId === null ? 'split' : 'split split-open'}>
        <TeamList branches={branches} openId={teamId} round={round} />
        {teamId !== null && (
          <div>
            <Link className="split-back" href="/teams">
              All teams
            </Link>
            <TeamPanel key={teamId} teamId={teamId} branches={branches} onChange={changed} />
          </div>
        )}
      </div>
      {isMaking && (
        <TeamDialog
          team={null}
          branches={branches}
          onClose={() => setMaking(false)}
          onSaved={({ id }) => {
            changed();
            navigate(`/teams/${id}`);
          }}
        />
      )}
    </div>
  );
}

interface TeamListProps {
  branches: readonly Branch[];
  openId: string | null;
  round: number;
}

function TeamList({ branches, openId, round }: TeamListProps) {
  const [branchId, setBranch] = useState('');
  const filter = branchId === '' ? {} : { branchId };
  const pages = usePages<Team>((input) => hub.people.teams({ ...filter, ...input }), {
    limit: 25,
    key: branchId,
    round,
  });
  useHeard((heard) => [hub.people.on('team:changed', heard)], pages.retry);
  const names = useNames((pages.rows ?? []).map(({ leadId }) => leadId));
  return (
    <PagedPanel
      title="All teams"
      tools={
        branches.length > 1 ? (
          <SelectField label="Branch" value={branchId} onChange={(event) => setBranch(event.target.value)}>
            <option value="">All branches</option>
            {branches.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
        ) : undefined
      }
      pages={pages}
      empty={{
        icon: 'users',
        title: 'No teams yet',
        text: 'A team has a lead and people, of one branch or of several.',
      }}
    >
      {(rows) => (
        <ul className="row-list">
          {rows.map(({ id, name, branchId: at, leadId }) => (
            <li key={id}>
              <Link className="row" href={`/teams/${id}`} aria-current={id === openId ? 'true' : undefined}>
                <span className="row-text">
                  <span className="truncate">{name}</span>
                  <span className="small muted truncate">
                    {[names.get(leadId) && `led by ${names.get(leadId)}`, branches.find((one) => one.id === at)?.name]
                      .filter(Boolean)
                      .join(' · ')}
                  </span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </PagedPanel>
  );
}
