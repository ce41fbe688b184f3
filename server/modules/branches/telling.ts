import type { Branch } from '@loro/contracts/branches';
import { branchesLive, type treeChanges } from '@loro/contracts/branches-live';
import type { After } from '../../platform';

type Change = (typeof treeChanges)[number];

interface Told {
  readonly orgId: string;
  readonly branch: Branch;
  readonly before?: Branch;
  /** Whose notices hear of it beside the branch’s own. */
  readonly also?: readonly (string | null)[];
  /** What is done, where it is not the change itself. */
  readonly action?: `branch.${string}`;
  readonly reason?: string | undefined;
  /** What changed, where the branch itself does not show it. */
  readonly change?: { readonly before: object; readonly after: object };
}

/** Tells those who follow the branch or the whole tree, and the journal. */
export function tellBranch(after: After, change: Change, told: Told): void {
  const { orgId, branch, before, also = [], action = `branch.${change}`, reason } = told;
  const shown = told.change ?? { ...(before && { before }), ...(change !== 'removed' && { after: branch }) };
  if (change !== 'removed')
    for (const id of new Set([branch.id, ...also]))
      if (id !== null) after.publish(branchesLive, `branch:${change}`, { orgId, id }, branch);
  after.publish(branchesLive, 'branches:changed', { orgId, id: orgId }, { change, branch });
  after.record({
    action,
    orgId,
    entity: { type: 'branch', id: branch.id },
    branchId: change === 'removed' ? null : branch.id,
    ...shown,
    ...(reason !== undefined && { data: { reason } }),
  });
}
