import type { Fence } from '@loro/contracts/branches';
import type { BranchDetails } from '@loro/contracts/branches-values';
import type { Position } from '@loro/contracts/kit/values';
import type { z } from 'zod';
import { Conflict, distanceM, HubError } from '../../platform';
import { isOutline, normalOutline, type OutlineFault, shapeOf } from './fences.policy';

type Every = z.output<typeof BranchDetails>;
type Details = { readonly [Name in keyof Every]?: Every[Name] | undefined };

/** Details as columns; those left out stay. Zone, fence and place have rules of their own. */
export function detailColumns({ capacityFte, address, ...plain }: Omit<Details, 'timezone' | 'fence'>) {
  return Object.fromEntries(
    Object.entries({
      ...plain,
      ...(capacityFte !== undefined && {
        capacityFteCenti: capacityFte === null ? null : Math.round(capacityFte * 100),
      }),
      ...(address !== undefined && { address: address === null ? null : JSON.stringify(address) }),
    }).filter(([, value]) => value !== undefined),
  );
}

const faults: Record<OutlineFault['kind'], string> = {
  'crosses-itself': 'crosses the line of the fence',
  'too-large': 'is more than 100 km away from the middle of the fence',
  repeats: 'is the same place as the corner before',
  'too-small': 'encloses nothing',
};

/**
 * The fence in its one way of writing.
 * @param field where its corners stand in the body
 * @throws HubError VALIDATION_FAILED
 */
export function validFence(fence: Fence | null, field = 'fence.corners'): Fence | null {
  if (fence === null || !isOutline(fence)) return fence;
  const outline = normalOutline(fence);
  if ('corners' in outline) return outline;
  const path = outline.kind === 'too-small' ? field : `${field}.${outline.corner}`;
  throw new HubError('VALIDATION_FAILED', `Wrong: ${path}.`, {
    errors: [{ path, code: outline.kind.replaceAll('-', '_'), message: faults[outline.kind] }],
  });
}

export const middleOfFence = (fence: Fence | null): Position | null => (fence ? shapeOf(fence).center : null);

/** @throws Conflict LOCATION_MOVES_FAR where it goes farther than `farM` without a yes to that */
export function mustConfirmFar(
  { from, to, farM }: { from: Position | null; to: Position | null; farM: number },
  isConfirmed: boolean,
): void {
  if (isConfirmed || from === null || to === null) return;
  const distance = distanceM(from, to);
  if (distance > farM)
    throw new Conflict('LOCATION_MOVES_FAR', `That is ${Math.round(distance)} m away from where the branch was.`, {
      errors: [{ path: 'confirm', code: 'required', message: 'must be true' }],
    });
}
