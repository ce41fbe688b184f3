import type { After } from '../../platform';

/** What a room of a higher floor counts at branches. */
export interface BranchFigures {
  /** Stands before the names of its figures: `assets.count`. */
  readonly name: string;
  /** Figures of these branches together. */
  readonly sum?: (orgId: string, branchIds: readonly string[]) => Promise<Readonly<Record<string, number>>>;
  /** Which of these people are on approved leave on which dates of a span; `to` is not part of it. */
  readonly onLeave?: (
    orgId: string,
    userIds: readonly string[],
    span: { readonly from: string; readonly to: string },
  ) => Promise<readonly { readonly userId: string; readonly date: string }[]>;
}

/** What of a higher room keeps a branch from closing. */
export interface ClosingBlocker {
  readonly name: string;
  readonly count: (orgId: string, branchId: string) => Promise<number>;
  /** Gives it to another branch, in the transaction that closes this one; without it nothing helps. */
  readonly reassign?: (
    orgId: string,
    move: { readonly from: string; readonly to: string },
    after: After,
  ) => Promise<void>;
}

/** What rooms of higher floors have registered, in the order of their floors. */
export class Neighbours {
  private readonly figures: BranchFigures[] = [];
  readonly blockers: ClosingBlocker[] = [];

  addFigures(figures: BranchFigures): void {
    this.figures.push(figures);
  }

  addBlocker(blocker: ClosingBlocker): void {
    this.blockers.push(blocker);
  }

  async sums(orgId: string, branchIds: readonly string[]): Promise<Record<string, number>> {
    const parts = await Promise.all(
      this.figures.map(async ({ name, sum }) =>
        Object.entries((await sum?.(orgId, branchIds)) ?? {}).map(([key, value]) => [`${name}.${key}`, value] as const),
      ),
    );
    return Object.fromEntries(parts.flat());
  }

  /** Dates of leave by person, each once. */
  async leave(
    orgId: string,
    userIds: readonly string[],
    span: { from: string; to: string },
  ): Promise<Map<string, Set<string>>> {
    const days = new Map<string, Set<string>>();
    if (userIds.length === 0) return days;
    const found = await Promise.all(
      this.figures.map(async ({ onLeave }) => (await onLeave?.(orgId, userIds, span)) ?? []),
    );
    for (const { userId, date } of found.flat()) days.set(userId, (days.get(userId) ?? new Set()).add(date));
    return days;
  }
}
