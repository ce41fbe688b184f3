import { computeDay } from '@loro/contracts/attendance-jobs';
import { leaveLive } from '@loro/contracts/leave-live';
import type { LeaveRequest } from '@loro/contracts/leave-values';
import type { After } from '../../platform';

interface Told {
  readonly orgId: string;
  readonly request: LeaveRequest;
  /** Beside the person: who is asked, or was. */
  readonly approvers: readonly string[];
}

type LeaveEvent = 'leave:requested' | 'leave:decided';

/** Tells the person, and those who decide. */
export function tellLeave(after: After, event: LeaveEvent, { orgId, request, approvers }: Told): void {
  const { id: requestId, state, userId } = request;
  for (const id of new Set([userId, ...approvers]))
    after.publish(leaveLive, event, { orgId, id }, { requestId, state, request });
}

/** Tells the journal; why somebody is away is his own. */
export function noteLeave(
  after: After,
  action: `leave.${string}`,
  { orgId, request, before }: { orgId: string; request: LeaveRequest; before?: LeaveRequest },
): void {
  after.record({
    action,
    orgId,
    entity: { type: 'leave-request', id: request.id },
    branchId: request.branchId,
    subject: { type: 'user', id: request.userId },
    personal: ['reason', 'userName', 'note'],
    ...(before && { before }),
    after: request,
  });
}

/** Leave that changed changes days: those of attendance are computed anew. */
export function recomputeDays(after: After, orgId: string, userId: string, dates: readonly string[]): void {
  for (const date of new Set(dates)) after.enqueue(computeDay, { orgId, userId, date });
}
