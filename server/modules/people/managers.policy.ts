/** From the top to the last person. */
export const MOST_LEVELS = 12;

/**
 * The circle that would close if `userId` reported to `managerId`: from the person upwards and back to him; null where
 * none would. `managers` are those above the new manager, nearest first.
 */
export function circleOf(userId: string, managerId: string, managers: readonly string[]): string[] | null {
  const above = [managerId, ...managers];
  const at = above.indexOf(userId);
  return at === -1 ? null : [userId, ...above.slice(0, at), userId];
}

/** Everybody above somebody, nearest first; stops where a circle would begin to repeat. */
export function managersAbove(userId: string, managerOf: ReadonlyMap<string, string | null>): string[] {
  const above: string[] = [];
  for (let at = managerOf.get(userId) ?? null; at !== null && !above.includes(at); at = managerOf.get(at) ?? null)
    above.push(at);
  return above;
}

/** Who stands in a circle, and who stands deeper than the levels allow, given who reports to whom. */
export function misplaced(managerOf: ReadonlyMap<string, string | null>): { circled: string[]; tooDeep: string[] } {
  const circled: string[] = [];
  const tooDeep: string[] = [];
  for (const id of managerOf.keys()) {
    const above = managersAbove(id, managerOf);
    if (above.includes(id)) circled.push(id);
    else if (above.length >= MOST_LEVELS) tooDeep.push(id);
  }
  return { circled, tooDeep };
}
