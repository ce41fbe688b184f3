import type { Organisation, User } from '@loro/contracts/people';
import { peopleLive } from '@loro/contracts/people-live';
import type { Colleague, Profile } from '@loro/contracts/people-values';
import type { After } from '../../platform';

/** What the journal keeps under the person's own key, so that it can be forgotten. */
const PERSONAL = ['email', 'name', 'phone', 'employeeNo', 'profile'];

type PersonEvent = 'user:invited' | 'user:activated' | 'user:updated' | 'user:suspended' | 'user:deactivated';

interface Told {
  readonly orgId: string;
  readonly user: User;
  readonly before?: User;
}

export const colleagueOf = ({
  id,
  name,
  kind,
  homeBranchId,
  jobTitle,
  avatarDocumentId,
  version,
}: User): Colleague => ({
  id,
  name,
  kind,
  homeBranchId,
  jobTitle,
  avatarDocumentId,
  version,
});

/** Tells the branch of a person, and the one he came from. */
export function tellBranches(after: After, event: PersonEvent, { orgId, user, before }: Told): void {
  for (const id of new Set([user.homeBranchId, before?.homeBranchId ?? null]))
    if (id !== null) after.publish(peopleLive, event, { orgId, id }, colleagueOf(user));
}

/** Tells the journal of a person; profiles stand beside what they belong to. */
export function noteUser(
  after: After,
  action: `user.${string}`,
  {
    orgId,
    user,
    before,
    ...rest
  }: Told & {
    readonly profiles?: { readonly before: Profile; readonly after: Profile };
    readonly data?: Readonly<Record<string, string>>;
    readonly type?: 'security_event';
  },
): void {
  const { profiles, data, type } = rest;
  after.record({
    action,
    orgId,
    entity: { type: 'user', id: user.id },
    branchId: user.homeBranchId,
    ...(before && { before: { ...before, ...(profiles && { profile: profiles.before }) } }),
    after: { ...user, ...(profiles && { profile: profiles.after }) },
    ...(data && { data }),
    ...(type && { type }),
    personal: PERSONAL,
  });
}

/** Tells everybody who follows the organisation, and the journal. */
export function tellOrganisation(
  after: After,
  action: `organisation.${string}`,
  organisation: Organisation,
  before?: Organisation,
): void {
  const { id } = organisation;
  after.publish(peopleLive, 'organisation:updated', { orgId: id, id }, organisation);
  after.record({
    action,
    orgId: id,
    entity: { type: 'organisation', id },
    ...(before && { before }),
    after: organisation,
  });
}
