import type { Organisation, User } from '@loro/contracts/people';
import type { After } from '../../platform';

/** What an invitation gives beside the name, for the rooms that keep it. */
export interface Invited {
  readonly user: User;
  readonly roles: readonly string[];
  readonly branchId: string | null;
  readonly invitedBy: string;
}

/**
 * What higher rooms do when something happens to a person or an organisation. A hook runs inside the transaction of
 * what happens, and its error undoes all of it: a plan without a free seat refuses the invitation.
 */
export interface PeopleHooks {
  /** A new organisation, with its owner. */
  onFound?: (founded: { organisation: Organisation; owner: User }, after: After) => Promise<void>;
  onInvite?: (invited: Invited, after: After) => Promise<void>;
  /** Accepted, verified, reactivated: counts and may sign in from now. `roles` are given to who had none. */
  onActivate?: (user: User, after: After) => Promise<void>;
  /** Suspended or deactivated: may not sign in from now. */
  onLeave?: (user: User, after: After) => Promise<void>;
  /** The organisation was given to somebody else. */
  onTransfer?: (change: { orgId: string; from: User; to: User }, after: After) => Promise<void>;
  /** Erases what the room keeps of a person that is personal; sums stay. */
  onErase?: (user: User, after: After) => Promise<void>;
  /** What the room keeps of a person, for the copy that he asks for. */
  onExport?: (user: User) => Promise<Readonly<Record<string, unknown>>>;
}
