import type { User } from '@loro/contracts/people';
import type { Membership, NewTeam, Team, TeamChange, TeamMembers } from '@loro/contracts/people-teams';
import { peopleLive } from '@loro/contracts/people-live';
import { Op } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  reachOf,
  ulid,
} from '../../platform';
import { TeamModel } from './team.model';
import type { TeamsStore } from './teams.store';
import type { UsersStore } from './users.store';

interface TeamQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly branchId?: string | undefined;
}

/** Teams: who leads them and who belongs to them, from when to when. */
export class TeamsService {
  constructor(
    private readonly hub: Hub,
    private readonly users: UsersStore,
    private readonly store: TeamsStore,
  ) {}

  async list(actor: Actor, { limit, cursor, branchId }: TeamQuery): Promise<Page<Team>> {
    const { scope, branchIds } = reachOf(actor, 'teams.read');
    const after = this.hub.cursors.decode('teams', cursor);
    const rows = await TeamModel.findAll({
      where: {
        orgId: actor.orgId,
        ...(scope !== 'org' && { branchId: [...branchIds] }),
        ...(branchId !== undefined && { [Op.and]: { branchId } }),
        ...(after && { name: { [Op.gt]: after[0] } }),
      },
      order: ['name'],
      limit: limit + 1,
    });
    return pageOf(
      rows,
      limit,
      ({ name }) => this.hub.cursors.encode('teams', [name]),
      (row) => row.toContract(),
    );
  }

  async get(actor: Actor, teamId: string): Promise<Team> {
    return (await this.find(actor, teamId)).toContract();
  }

  async members(actor: Actor, teamId: string, at: string | undefined): Promise<z.output<typeof TeamMembers>> {
    const team = await this.find(actor, teamId);
    return this.withMembers(team, at === undefined ? this.hub.now() : new Date(at));
  }

  async create(actor: Actor, input: z.output<typeof NewTeam>): Promise<Team> {
    const { orgId } = actor;
    allow(actor, 'teams.manage', { branchId: input.branchId, what: 'This branch' });
    return this.hub.transact(async (after) => {
      await this.mustFit(actor, input);
      const row = await TeamModel.create({ ...input, orgId, id: ulid(), version: 1 }).catch(onDuplicate(nameTaken));
      const team = row.toContract();
      await this.users.rightsChanged(orgId, [team.leadId]);
      await this.tell(after, 'team.created', { orgId, team });
      return team;
    });
  }

  async update(actor: Actor, teamId: string, version: number, change: z.output<typeof TeamChange>): Promise<Team> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, teamId, version);
      const before = row.toContract();
      if (change.branchId !== undefined)
        allow(actor, 'teams.manage', { branchId: change.branchId, what: 'This branch' });
      await this.mustFit(actor, change);
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      await row.update({ ...given, version: version + 1 }).catch(onDuplicate(nameTaken));
      const team = row.toContract();
      await this.users.rightsChanged(orgId, [before.leadId, team.leadId]);
      await this.tell(after, 'team.updated', { orgId, team, before });
      return team;
    });
  }

  async remove(actor: Actor, teamId: string, version: number): Promise<void> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, teamId, version);
      const team = row.toContract();
      await this.tell(after, 'team.removed', { orgId, team, before: team });
      await row.destroy();
      await this.users.rightsChanged(orgId, [team.leadId]);
    });
  }

  async setMembers(
    actor: Actor,
    teamId: string,
    version: number,
    members: readonly z.output<typeof Membership>[],
  ): Promise<z.output<typeof TeamMembers>> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, teamId, version);
      const now = this.hub.now();
      const before = await this.store.current(orgId, teamId, now);
      const known = new Set(before.map(({ userId }) => userId));
      for (const { userId } of members) if (!known.has(userId)) await this.mustReach(actor, userId);
      await this.store.replace(row, members, now);
      await row.update({ version: version + 1 });
      await this.users.rightsChanged(orgId, [row.leadId]);
      const team = row.toContract();
      await this.tell(after, 'team.members-set', { orgId, team, formerIds: [...known] });
      return this.withMembers(row, now);
    });
  }

  private async withMembers(team: TeamModel, at: Date): Promise<z.output<typeof TeamMembers>> {
    const members = await this.store.at(team.orgId, team.id, at);
    return { teamId: team.id, version: team.version, members };
  }

  private async mustFit(actor: Actor, { branchId, leadId }: z.output<typeof TeamChange>): Promise<void> {
    if (branchId !== undefined) await this.users.mustHaveBranch(actor.orgId, branchId);
    if (leadId !== undefined) await this.mustReach(actor, leadId);
  }

  /** A team lets its lead see its people, so that nobody puts people into one who are out of his own reach. */
  private async mustReach(actor: Actor, userId: string): Promise<User> {
    const row = await this.users.lock(actor.orgId, userId);
    allow(actor, 'teams.manage', { branchId: row.homeBranchId, what: 'This person' });
    if (row.status === 'deactivated') throw new NotFound('This person');
    return row.toContract();
  }

  private async find(actor: Actor, teamId: string): Promise<TeamModel> {
    allow(actor, 'teams.read');
    const row = await TeamModel.findOne({ where: { orgId: actor.orgId, id: teamId } });
    if (!row) throw new NotFound('This team');
    allow(actor, 'teams.read', { branchId: row.branchId, what: 'This team' });
    return row;
  }

  private async lock(actor: Actor, teamId: string, version: number): Promise<TeamModel> {
    allow(actor, 'teams.manage');
    const row = await TeamModel.findOne({ where: { orgId: actor.orgId, id: teamId }, lock: true });
    if (!row) throw new NotFound('This team');
    allow(actor, 'teams.manage', { branchId: row.branchId, what: 'This team' });
    if (row.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this team meanwhile.', { current: row.toContract() });
    return row;
  }

  /** Its branch, and those of its lead and its people, now and before. */
  private async tell(
    after: After,
    action: `team.${string}`,
    told: { orgId: string; team: Team; before?: Team; formerIds?: readonly string[] },
  ): Promise<void> {
    const { orgId, team, before, formerIds = [] } = told;
    const memberIds = (await this.store.current(orgId, team.id, this.hub.now())).map(({ userId }) => userId);
    const people = [...memberIds, ...formerIds, team.leadId, ...(before ? [before.leadId] : [])];
    const branchIds = await this.store.branchesOf(orgId, people);
    const isRemoved = action === 'team.removed';
    for (const id of new Set([...branchIds, team.branchId, before?.branchId ?? null]))
      if (id !== null) after.publish(peopleLive, 'team:changed', { orgId, id }, { team, memberIds, isRemoved });
    after.record({
      action,
      entity: { type: 'team', id: team.id },
      branchId: team.branchId,
      ...(action !== 'team.created' && { before: before ?? { ...team, memberIds: formerIds } }),
      ...(!isRemoved && { after: action === 'team.members-set' ? { ...team, memberIds } : team }),
    });
  }
}

const nameTaken = (cause: Error): HubError => new Conflict('TEAM_NAME_TAKEN', 'Another team has this name.', { cause });
