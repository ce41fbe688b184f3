import { peopleApi } from '@loro/contracts/people';
import { routes } from '../../platform';
import type { PeopleService } from './people.service';

export const peopleRoutes = (people: PeopleService) => {
  const { directory, organisations, ownership, invitations, standing, persons, teams, imports, importJobs, privacy } =
    people;
  return routes(peopleApi, {
    organisation: ({ actor }) => organisations.read(actor),
    updateOrganisation: ({ actor, ifMatch, body }) => organisations.update(actor, ifMatch, body),
    transferOwnership: ({ actor, body }) => ownership.offer(actor, body.toUserId),
    ownershipTransfer: ({ actor }) => ownership.read(actor),
    acceptOwnership: ({ actor, params }) => ownership.accept(actor, params.transferId),
    declineOwnership: ({ actor, params }) => ownership.decline(actor, params.transferId),
    closeOrganisation: ({ actor }) => organisations.close(actor),
    reopenOrganisation: ({ actor }) => organisations.reopen(actor),
    list: ({ actor, query }) => directory.list(actor, query),
    get: ({ actor, params }) => directory.get(actor, params.userId),
    reports: ({ actor, params, query }) => directory.reports(actor, params.userId, query),
    fieldRules: ({ actor }) => directory.readRules(actor),
    setFieldRules: ({ actor, body }) => directory.setRules(actor, body),
    invite: ({ actor, body }) => invitations.invite(actor, body),
    resendInvite: async ({ actor, params }) =>
      directory.seen(actor, await invitations.resend(actor, params.userId), null),
    suspend: async ({ actor, params }) => directory.seen(actor, await standing.suspend(actor, params.userId), null),
    reactivate: async ({ actor, params }) =>
      directory.seen(actor, await standing.reactivate(actor, params.userId), null),
    deactivate: async ({ actor, params }) =>
      directory.seen(actor, await standing.deactivate(actor, params.userId), null),
    update: ({ actor, params, ifMatch, body }) => persons.update(actor, params.userId, ifMatch, body),
    import: ({ actor, body }) => imports.import(actor, body),
    importLater: ({ actor, body }) => importJobs.ask(actor, body),
    imports: ({ actor, query }) => importJobs.list(actor, query),
    imported: ({ actor, params }) => importJobs.get(actor, params.importId),
    me: ({ actor }) => persons.me(actor),
    updateMe: ({ actor, ifMatch, body }) => persons.updateMe(actor, ifMatch, body),
    dataExport: ({ actor }) => privacy.export(actor),
    requestErasure: ({ actor, body }) => privacy.request(actor, body.reason),
    withdrawErasure: ({ actor }) => privacy.withdraw(actor),
    erasures: ({ actor, query }) => privacy.list(actor, query),
    approveErasure: ({ actor, params }) => privacy.approve(actor, params.erasureId),
    refuseErasure: ({ actor, params, body }) => privacy.refuse(actor, params.erasureId, body.answer),
    teams: ({ actor, query }) => teams.list(actor, query),
    team: ({ actor, params }) => teams.get(actor, params.teamId),
    createTeam: ({ actor, body }) => teams.create(actor, body),
    updateTeam: ({ actor, params, ifMatch, body }) => teams.update(actor, params.teamId, ifMatch, body),
    removeTeam: ({ actor, params, ifMatch }) => teams.remove(actor, params.teamId, ifMatch),
    members: ({ actor, params, query }) => teams.members(actor, params.teamId, query.at),
    setMembers: ({ actor, params, ifMatch, body }) => teams.setMembers(actor, params.teamId, ifMatch, body.members),
  });
};
