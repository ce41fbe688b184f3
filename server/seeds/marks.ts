import { dateIn } from '../platform';
import { stableId } from './random';
import type { DemoVisit } from './visits';

type Value = string | number | Date | null;

/** Rows of a table, ready to be stored. */
export interface Rows {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly Value[][];
}

const COLUMNS = [
  'org_id',
  'id',
  'client_id',
  'user_id',
  'branch_id',
  'type',
  'kind',
  'pair_id',
  'suggested_category',
  'note',
  'occurred_at',
  'tz',
  'local_date',
  'time_source',
  'received_at',
  'decision',
  'signals',
  'reasons',
  'spoof_score',
  'status',
  'pays',
  'network',
  'fingerprint',
] as const;
/** Every so many visits something waits for a manager. */
const DOUBTFUL = 19;

interface Day {
  readonly orgId: string;
  readonly timezone: string;
  readonly visits: readonly DemoVisit[];
}

/** What stands behind the stays of a day: the ins and outs, and who was on duty from when to when. */
export function markRows({ orgId, timezone, visits }: Day): Rows[] {
  const marks = visits.flatMap((visit, index) => {
    const isDoubtful = visit.endedAt === null || index % DOUBTFUL === DOUBTFUL - 1;
    const begun = mark(orgId, timezone, { ...visit, at: visit.startedAt, kind: 'in', markId: visit.id, isDoubtful });
    if (visit.endedAt === null) return [begun];
    const markId = stableId(new Date(visit.endedAt), 'out', visit.id);
    return [begun, mark(orgId, timezone, { ...visit, at: visit.endedAt, kind: 'out', markId, isDoubtful: false })];
  });
  const duties = visits.flatMap(({ id, userId, startedAt, endedAt }) => [
    [orgId, stableId(new Date(startedAt), 'on', id), userId, new Date(startedAt), 'on', id],
    ...(endedAt === null
      ? []
      : [[orgId, stableId(new Date(endedAt), 'off', id), userId, new Date(endedAt), 'off', id]]),
  ]);
  return [
    { table: 'check_in_marks', columns: COLUMNS, rows: marks },
    { table: 'duty_changes', columns: ['org_id', 'id', 'user_id', 'at', 'state', 'check_in_id'], rows: duties },
  ];
}

/** Where everybody’s duty stands after all of these visits, oldest first. */
export function dutyRows(orgId: string, visits: readonly DemoVisit[], now: Date): Rows {
  const newest = new Map(visits.map((visit) => [visit.userId, visit]));
  const columns = ['org_id', 'user_id', 'branch_id', 'state', 'since', 'heard_at', 'changed_at'];
  const rows = [...newest.values()].map(({ userId, branchId, startedAt, endedAt }) => {
    const since = new Date(endedAt ?? startedAt);
    return [orgId, userId, branchId, endedAt === null ? 'on' : 'off', since, now, since];
  });
  return { table: 'duty_states', columns, rows };
}

interface Said extends DemoVisit {
  readonly at: string;
  readonly kind: 'in' | 'out';
  readonly markId: string;
  readonly isDoubtful: boolean;
}

function mark(orgId: string, timezone: string, said: Said): Value[] {
  const { id, markId, userId, branchId, kind, note, isDoubtful } = said;
  const at = new Date(said.at);
  return [
    orgId,
    markId,
    markId,
    userId,
    branchId,
    'field-work',
    kind,
    id,
    kind === 'in' ? 'field work' : null,
    kind === 'in' ? note : null,
    at,
    timezone,
    dateIn(at, timezone),
    'server',
    at,
    isDoubtful ? 'uncertain' : 'not-required',
    isDoubtful ? '[{"name":"zone_mismatch","weight":0.25},{"name":"clock_skew","weight":0.2}]' : '[]',
    isDoubtful ? '["spoof","clock_skew"]' : '[]',
    isDoubtful ? 40 : 0,
    isDoubtful ? 'flagged' : 'accepted',
    0,
    'online',
    '0'.repeat(64),
  ];
}
