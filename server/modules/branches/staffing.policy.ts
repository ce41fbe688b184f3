/** Half-open dates; without an end it stays. */
export interface Dated {
  readonly from: string;
  readonly to: string | null;
}

export const isOn = ({ from, to }: Dated, date: string): boolean => from <= date && (to === null || date < to);

/** Whether two share a date; what begins and ends on one date has none. */
export function overlaps(a: Dated, b: Dated): boolean {
  const isEmpty = [a, b].some(({ from, to }) => to !== null && to <= from);
  return !isEmpty && (b.to === null || a.from < b.to) && (a.to === null || b.from < a.to);
}

export function stateOn({ from, to }: Dated, today: string): 'planned' | 'current' | 'over' {
  if (to !== null && (to <= today || to <= from)) return 'over';
  return from > today ? 'planned' : 'current';
}
