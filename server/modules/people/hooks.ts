import type { Organisation, User } from '@loro/contracts/people';
import type { After } from '../../platform';

/** A person, and whose. */
export interface Member extends User {
  readonly orgId: string;
}

/** What an invitation gives beside the name, for the rooms that keep it. */
export interface Invited {
  readonly user: Member;
  readonly roles: readonly string[];
  readonly branchId: string | null;
  /** Null where nobody of the organisation did it: the hub itself. */
  readonly invitedBy: string | null;
}

/**
 * What higher rooms do when something happens to a person or an organisation. A hook runs inside the transaction of
 * what happens, and its error undoes all of it: a plan without a free seat refuses the invitation.
 */
export interface PeopleHooks {
  /** A new organisation, with its owner. */
  onFound?: (founded: { organisation: Organisation; owner: Member }, after: After) => Promise<void>;
  /** Invited, by hand or by a file; or invited again after a deactivation was taken back (then without roles). */
  onInvite?: (invited: Invited, after: After) => Promise<void>;
  /** The same for many at once, where a room does that faster than one by one; it takes the place of `onInvite`. */
  onInviteAll?: (invited: readonly Invited[], after: After) => Promise<void>;
  /** The invitation is to be sent again; what an earlier one opened must not open any more. */
  onResend?: (invited: Invited, after: After) => Promise<void>;
  /** Accepted, verified, reactivated: counts and may sign in from now. `from` is what the person was before. */
  onActivate?: (user: Member, after: After, from: User['status']) => Promise<void>;
  /** Suspended or deactivated: may not sign in from now. */
  onLeave?: (user: Member, after: After, from: User['status']) => Promise<void>;
  /** Something about a person changed: name, branch, manager. */
  onChange?: (change: { orgId: string; before: User; user: Member }, after: After) => Promise<void>;
  /** The organisation was given to somebody else. */
  onTransfer?: (change: { orgId: string; from: User; to: User }, after: After) => Promise<void>;
  /** From now only the owner gets in. */
  onClose?: (organisation: Organisation, after: After) => Promise<void>;
  onReopen?: (organisation: Organisation, after: After) => Promise<void>;
  /** Erases what the room keeps of a person that is personal; sums stay. */
  onErase?: (user: Member, after: After) => Promise<void>;
  /** What the room keeps of a person, for the copy that he asks for; under names that say whose it is. */
  onExport?: (user: Member) => Promise<Readonly<Record<string, unknown>>>;
  /** Who has a role, for the room that keeps roles. */
  withRole?: (orgId: string, role: string) => Promise<readonly string[]>;
  /** Branches by code, for the room that keeps them. */
  branchesByCode?: (orgId: string, codes: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

type Acts = Omit<PeopleHooks, 'onInvite' | 'onInviteAll' | 'onExport' | 'withRole' | 'branchesByCode'>;

/** The hooks of all rooms, in the order in which they came: that of their floors. */
export class HookBook {
  private readonly all: PeopleHooks[] = [];

  add(hooks: PeopleHooks): void {
    this.all.push(hooks);
  }

  async run<N extends keyof Acts>(name: N, ...told: Parameters<NonNullable<Acts[N]>>): Promise<void> {
    for (const hooks of this.all) {
      const hook = hooks[name];
      // One name has one list of parameters, which TypeScript does not see through the index.
      if (hook) await Reflect.apply(hook, hooks, told);
    }
  }

  async invite(invited: readonly Invited[], after: After): Promise<void> {
    for (const hooks of this.all) {
      if (hooks.onInviteAll) await hooks.onInviteAll(invited, after);
      else if (hooks.onInvite) for (const one of invited) await hooks.onInvite(one, after);
    }
  }

  async export(user: Member): Promise<Record<string, unknown>> {
    const parts = await Promise.all(this.all.map(async (hooks) => hooks.onExport?.(user)));
    return Object.assign({}, ...parts);
  }

  async withRole(orgId: string, role: string): Promise<string[]> {
    const found = await Promise.all(this.all.map(async (hooks) => (await hooks.withRole?.(orgId, role)) ?? []));
    return [...new Set(found.flat())];
  }

  async branchesByCode(orgId: string, codes: readonly string[]): Promise<Map<string, string>> {
    const found = await Promise.all(this.all.map(async (hooks) => (await hooks.branchesByCode?.(orgId, codes)) ?? []));
    return new Map(found.flatMap((branches) => [...branches]));
  }
}
