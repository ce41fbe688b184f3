import { theilSen } from './metric-trend.policy';

export interface GoalPlan {
  readonly start: number;
  readonly target: number;
  /** Dates; the goal is to be reached by the end of `to`. */
  readonly from: string;
  readonly to: string;
}

export interface GoalReading {
  readonly date: string;
  readonly value: number;
}

export interface Progress {
  readonly value: number;
  /** Parts of a whole; more than 1 where the target is passed. */
  readonly done: number;
  readonly elapsed: number;
  /** `done − elapsed`: below zero it is behind its plan. */
  readonly gap: number;
  /** What the plan has at this moment. */
  readonly planned: number;
  /** What it will be at the end, if the last readings go on so; null with fewer than two. */
  readonly forecast: number | null;
  /** The first date on which the target will be reached, if it goes on so; null: not by what is seen. */
  readonly forecastOn: string | null;
  readonly state: 'ahead' | 'on-track' | 'at-risk' | 'reached' | 'missed';
}

const DAY_MS = 86_400_000;
const FORECAST_POINTS = 14;
/** A forecast beyond ten years is no date. */
const FARTHEST_DAYS = 3_653;
const dayOf = (date: string): number => Date.parse(date) / DAY_MS;

/** How a goal stands on a date: a straight plan from its start to its target, whichever of the two is higher. */
export function progressOf(
  plan: GoalPlan,
  readings: readonly GoalReading[],
  today: string,
  tolerance: number,
): Progress {
  const ordered = readings.toSorted((a, b) => (a.date < b.date ? -1 : 1));
  const value = ordered.at(-1)?.value ?? plan.start;
  const span = plan.target - plan.start;
  const done = span === 0 ? 1 : (value - plan.start) / span;
  // The whole day counts: a plan of one day is half over at no time that a date can say.
  const days = dayOf(plan.to) - dayOf(plan.from) + 1;
  const elapsed = Math.min(1, Math.max(0, (dayOf(today) - dayOf(plan.from)) / days));
  const gap = done - elapsed;
  const { forecast, forecastOn } = forecastOf(plan, ordered);
  const state = stateOf({ done, gap, isOver: today > plan.to, tolerance });
  return { value, done, elapsed, gap, planned: plan.start + span * elapsed, forecast, forecastOn, state };
}

function stateOf(at: { done: number; gap: number; isOver: boolean; tolerance: number }): Progress['state'] {
  if (at.done >= 1) return 'reached';
  if (at.isOver) return 'missed';
  if (at.gap < -at.tolerance) return 'at-risk';
  return at.gap > at.tolerance ? 'ahead' : 'on-track';
}

/** Goes on as the last fourteen readings do. */
function forecastOf(
  { start, target, to }: GoalPlan,
  ordered: readonly GoalReading[],
): Pick<Progress, 'forecast' | 'forecastOn'> {
  const recent = ordered.slice(-FORECAST_POINTS);
  const last = recent.at(-1);
  if (!last || recent.length < 2) return { forecast: null, forecastOn: null };
  const { slope, intercept } = theilSen(recent.map(({ date, value }) => ({ x: dayOf(date), y: value })));
  const forecast = intercept + slope * dayOf(to);
  const isRising = target >= start;
  if (isRising ? last.value >= target : last.value <= target) return { forecast, forecastOn: last.date };
  if (isRising ? slope <= 0 : slope >= 0) return { forecast, forecastOn: null };
  // A line meets its target a hair late or early by what floating point leaves over.
  const day = Math.max(dayOf(last.date), Math.ceil((target - intercept) / slope - 1e-9));
  if (day - dayOf(last.date) > FARTHEST_DAYS) return { forecast, forecastOn: null };
  return { forecast, forecastOn: new Date(day * DAY_MS).toISOString().slice(0, 10) };
}
