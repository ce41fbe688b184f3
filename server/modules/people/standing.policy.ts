import type { Organisation, User } from '@loro/contracts/people';

export const UNDO_DAYS = 30;
const UNDO_MS = UNDO_DAYS * 86_400_000;

export type Step = 'activate' | 'suspend' | 'deactivate' | 'reactivate';

const from: Readonly<Record<Step, readonly User['status'][]>> = {
  activate: ['invited', 'pending_verification'],
  suspend: ['active'],
  deactivate: ['invited', 'pending_verification', 'active', 'suspended'],
  reactivate: ['suspended', 'deactivated'],
};

/** Whether a person of this status can take this step. */
export const canStep = (step: Step, status: User['status']): boolean => from[step].includes(status);

/** What somebody becomes who is let in again: who never accepted is invited again, everybody else is active. */
export const restoredStatus = (deactivatedFrom: User['status'] | null): 'invited' | 'active' =>
  deactivatedFrom === 'invited' || deactivatedFrom === 'pending_verification' ? 'invited' : 'active';

/** Half-open: thirty days after the instant it is too late. */
export const canUndo = (doneAt: Date, now: Date): boolean => now.getTime() < doneAt.getTime() + UNDO_MS;

export const undoableUntil = (doneAt: Date): Date => new Date(doneAt.getTime() + UNDO_MS);

/** Whether somebody may sign in and act: of an organisation that was closed, its owner alone, to undo that. */
export function maySignIn(user: User, organisation: Organisation): boolean {
  if (user.status !== 'active') return false;
  if (organisation.status === 'closed') return organisation.ownerId === user.id;
  return organisation.status === 'trial' || organisation.status === 'active';
}
