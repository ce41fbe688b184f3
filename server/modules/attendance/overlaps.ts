import { Conflict } from '../../platform';
import { overlapOf } from './schedule.policy';
import type { Placed } from './rosters.store';

/** @throws Conflict SHIFT_OVERLAP with the other assignment, and a date on which somebody would work twice */
export function mustNotOverlap(wanted: Placed, placed: readonly Placed[]): void {
  for (const other of placed) {
    if (other.id === wanted.id) continue;
    const date = overlapOf(wanted, other);
    if (date === null) continue;
    const { startLocal: _, endLocal: __, ...assignment } = other;
    throw new Conflict('SHIFT_OVERLAP', `On ${date} the same people would work twice at one time.`, {
      current: { assignment, date },
    });
  }
}
