import type { Branch } from '@loro/contracts/branches';
import type { Team, TeamMembers } from '@loro/contracts/people-teams';
import { useState } from 'react';
import type { z } from 'zod';
import { hub } from '../../app/hub';
import { Loaded, LoadedPanel } from '../../app/loaded';
import { Link, navigate } from '../../app/routes';
import { useMe } from '../../app/session';
import { useAction } from '../../app/use-action';
import { useHeard } from '../../app/use-heard';
import { useRequest } from '../../app/use-request';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Face } from '../../ui/face';
import { formatCalendarDate } from '../../ui/format';
import { Empty, Panel } from '../../ui/panel';
import { PersonField } from '../people/person-field';
import { reaches } from '../people/reach';
import { TeamDialog } from './team-dialog';

interface TeamPanelProps {
  teamId: string;
  branches: readonly Branch[];
  onChange: () => void;
}

export function TeamPanel({ teamId, branches, onChange }: TeamPanelProps) {
  const request = useRequest(teamId, () => hub.people.team({ teamId }));
  useTeamHeard(teamId, request.reload);
  const changed = () => {
    request.reload();
    onChange();
  };
  return (
    <LoadedPanel request={request} what="the team">
      {(team) => (
        <>
          <Known team={team} branches={branches} onChange={changed} />
          <Members team={team} onChange={request.reload} />
        </>
      )}
    </LoadedPanel>
  );
}

const useTeamHeard = (teamId: string, reload: () => void): void =>
  useHeard((heard) => [hub.people.on('team:changed', ({ team }) => team.id === teamId && heard())], reload);

const useMayManage = ({ branchId }: Team): boolean => reaches(useMe(), 'teams.manage', { homeBranchId: branchId });

function Known({ team, branches, onChange }: { team: Team; branches: readonly Branch[]; onChange: () => void }) {
  const mayManage = useMayManage(team);
  const { busy, run } = useAction();
  const [asked, setAsked] = useState<'edit' | 'remove' | null>(null);
  const { id: teamId, name, branchId, version } = team;
  const remove = async () => {
    const isDone = await run('remove', () => hub.people.removeTeam({ teamId }, { ifMatch: version }));
    setAsked(null);
    if (!isDone) return;
    navigate('/teams');
    onChange();
  };
  return (
    <Panel title={name} aside={branchId && <Badge>{branches.find(({ id }) => id === branchId)?.name}</Badge>}>
      {mayManage && (
        <div className="actions">
          <Button onClick={() => setAsked('edit')}>Change</Button>
          <Button kind="danger" onClick={() => setAsked('remove')}>
            Remove
          </Button>
        </div>
      )}
      {!mayManage && branchId === null && <p className="muted small">People of several branches.</p>}
      {asked === 'edit' && (
        <TeamDialog team={team} branches={branches} onClose={() => setAsked(null)} onSaved={onChange} />
      )}
      {asked === 'remove' && (
        <Confirm
          title={`Remove ${name}?`}
          submit="Remove it"
          busy={busy !== null}
          onClose={() => setAsked(null)}
          onConfirm={() => void remove()}
        >
          Its people stay; that they were a team stays known.
        </Confirm>
      )}
    </Panel>
  );
}

function Members({ team, onChange }: { team: Team; onChange: () => void }) {
  const { id: teamId, leadId } = team;
  const mayManage = useMayManage(team);
  const { busy, run } = useAction();
  // By the team alone: with its version in the key, every change would take the list away from under the keyboard.
  const request = useRequest(teamId, () => hub.people.members({ teamId }));
  useTeamHeard(teamId, request.reload);
  const [adding, setAdding] = useState<string | null>(null);
  const [fields, setFields] = useState(0);
  const set = async (known: z.infer<typeof TeamMembers>, userIds: readonly string[], name: string) => {
    const members = userIds.map((userId) => ({
      userId,
      to: known.members.find((member) => member.userId === userId)?.to ?? null,
    }));
    if (!(await run(name, () => hub.people.setMembers({ teamId, members }, { ifMatch: known.version })))) return;
    // The version of the team rose with it.
    onChange();
    request.reload();
  };
  const add = async (known: z.infer<typeof TeamMembers>) => {
    if (adding === null) return;
    await set(known, [...new Set([...known.members.map(({ userId }) => userId), adding])], 'add');
    // A new field is an empty one.
    setFields((count) => count + 1);
    setAdding(null);
  };
  return (
    <Panel title="Who belongs to it" flush>
      <Loaded request={request} what="the people of the team">
        {(known) => (
          <>
            {mayManage && (
              <form
                className="paged-tools"
                onSubmit={(event) => {
                  event.preventDefault();
                  void add(known);
                }}
              >
                <PersonField key={fields} label="Add somebody" onChange={setAdding} />
                <Button type="submit" busy={busy === 'add'} disabled={adding === null}>
                  Add
                </Button>
              </form>
            )}
            {known.members.length === 0 && (
              <Empty icon="users" title="Nobody yet">
                Only the lead belongs to this team.
              </Empty>
            )}
            <ul className="row-list">
              {known.members.map(({ userId, name, from, to }) => (
                <li className="row" key={userId}>
                  <Face name={name} />
                  <span className="row-text">
                    <Link href={`/people/${userId}`} className="truncate">
                      {name}
                    </Link>
                    <span className="small muted">
                      since {formatCalendarDate(from)}
                      {to !== null && `, until ${formatCalendarDate(to)}`}
                    </span>
                  </span>
                  <span className="row-end">
                    {userId === leadId && <Badge tone="info">Lead</Badge>}
                    {mayManage && (
                      <Button
                        kind="quiet"
                        busy={busy === userId}
                        aria-label={`Take ${name} out of the team`}
                        onClick={() => {
                          const others = known.members.filter((member) => member.userId !== userId);
                          void set(
                            known,
                            others.map((member) => member.userId),
                            userId,
                          );
                        }}
                      >
                        Take out
                      </Button>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
      </Loaded>
    </Panel>
  );
}
