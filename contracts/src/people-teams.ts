import { z } from 'zod';
import { create, get, list, PageQuery, patch, put, remove } from './kit/api';
import { Id, Instant, ShortText } from './kit/values';

export const Team = z.object({
  id: Id,
  name: ShortText,
  branchId: Id.nullable(),
  leadId: Id,
  version: z.number().int(),
});
export type Team = z.infer<typeof Team>;

/** Half-open: `to` is the first instant at which somebody does not belong any more. */
export const TeamMember = z.object({ userId: Id, name: z.string(), from: Instant, to: Instant.nullable() });
export type TeamMember = z.infer<typeof TeamMember>;
export const TeamMembers = z.object({ teamId: Id, version: z.number().int(), members: z.array(TeamMember) });

export const NewTeam = z.strictObject({ name: ShortText, branchId: Id.nullable().default(null), leadId: Id });
export const TeamChange = z
  .strictObject({ name: ShortText, branchId: Id.nullable(), leadId: Id })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const Membership = z
  .strictObject({ userId: Id, from: Instant.optional(), to: Instant.nullable().default(null) })
  .refine(({ from, to }) => from === undefined || to === null || Date.parse(from) < Date.parse(to), {
    error: 'ends before it begins',
    path: ['to'],
  });

export const teamRows = {
  teams: list('/teams', {
    permission: 'teams.read',
    query: PageQuery.extend({ branchId: Id.optional() }),
    returns: Team,
    summary: 'List teams by name',
  }),
  team: get('/teams/:teamId', { permission: 'teams.read', returns: Team, summary: 'Read one team' }),
  createTeam: create('/teams', {
    permission: 'teams.manage',
    body: NewTeam,
    returns: Team,
    errors: ['TEAM_NAME_TAKEN'],
    summary: 'Make a team with a lead',
  }),
  updateTeam: patch('/teams/:teamId', {
    permission: 'teams.manage',
    body: TeamChange,
    returns: Team,
    versioned: true,
    errors: ['TEAM_NAME_TAKEN'],
    summary: 'Change a team’s name, branch or lead',
  }),
  removeTeam: remove('/teams/:teamId', {
    permission: 'teams.manage',
    versioned: true,
    summary: 'Remove a team; its people stay',
  }),
  members: get('/teams/:teamId/members', {
    permission: 'teams.read',
    query: z.strictObject({ at: Instant.optional() }),
    returns: TeamMembers,
    summary: 'Who belongs to a team, now or at a time',
  }),
  setMembers: put('/teams/:teamId/members', {
    permission: 'teams.manage',
    body: z.strictObject({ members: z.array(Membership).max(1_000) }),
    returns: TeamMembers,
    versioned: true,
    summary: 'Say who belongs to a team from now on; who is left out ends now, and what was stays known',
  }),
};
