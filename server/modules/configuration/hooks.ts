import type { After } from '../../platform';

/** What rooms of higher floors know, and do, that settings and flags depend on. */
export interface ConfigurationHooks {
  /** A branch, then those above it, nearest first; empty where it is not a branch of the organisation. */
  readonly chainOf?: (orgId: string, branchId: string) => Promise<readonly string[]>;
  /** The plan that the organisation's licence is for. */
  readonly planOf?: (orgId: string) => Promise<string | null>;
  /** Refuses an integration that the plan has no room for; inside the transaction that adds it. */
  readonly onAddIntegration?: (orgId: string, count: { used: number; adding: number }, after: After) => Promise<void>;
}

/** Asks the hooks of the other rooms, the highest that answers; where none does, a branch stands alone and nobody has a plan. */
export class Neighbours {
  private readonly hooks: ConfigurationHooks[] = [];

  add(hooks: ConfigurationHooks): void {
    this.hooks.push(hooks);
  }

  async chainOf(orgId: string, branchId: string): Promise<readonly string[]> {
    const chainOf = this.hooks.findLast((one) => one.chainOf)?.chainOf;
    return chainOf ? chainOf(orgId, branchId) : [branchId];
  }

  async planOf(orgId: string): Promise<string | null> {
    const planOf = this.hooks.findLast((one) => one.planOf)?.planOf;
    return planOf ? planOf(orgId) : null;
  }

  async addIntegration(orgId: string, count: { used: number; adding: number }, after: After): Promise<void> {
    for (const { onAddIntegration } of this.hooks) await onAddIntegration?.(orgId, count, after);
  }
}
