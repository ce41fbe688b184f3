import { ulid } from 'ulid';
import { attendance } from '../../server/modules/attendance';
import { addDays } from '../../server/platform';
import type { Hub } from '../../server/platform/boot';

const FIRST_MONDAY = '2026-01-05';
const SAID = [
  ['in', '06:00'],
  ['break_start', '10:00'],
  ['break_end', '10:30'],
  ['out', '15:15'],
] as const;

export interface Week {
  readonly orgId: string;
  readonly branchId: string;
  readonly userIds: readonly string[];
  /** Each week is computed once: the second time there would be nothing to write. */
  readonly week: number;
}

export interface ComputedWeek {
  readonly days: number;
  readonly written: number;
  readonly cpuUs: number;
}

/** A shift from Monday to Friday for the people of a branch, and a policy that finds overtime in it. */
export async function planWeeks(hub: Hub, { orgId, branchId }: Pick<Week, 'orgId' | 'branchId'>): Promise<void> {
  const [shiftId, policyId, assignmentId] = [ulid(), ulid(), ulid()];
  const rules = JSON.stringify({ dailyMin: 540, weeklyMin: 2_400 });
  const cycle = JSON.stringify({ anchoredOn: FIRST_MONDAY, days: ['on', 'on', 'on', 'on', 'on', 'off', 'off'] });
  const rounding = JSON.stringify({ mode: 'none', stepMin: 15, applyTo: 'punch' });
  await hub.pool.query('INSERT INTO overtime_policies (org_id, id, name, is_default, default_mark, rules) VALUES ?', [
    [[orgId, policyId, 'Bench', true, 1, rules]],
  ]);
  await hub.pool.query(
    `INSERT INTO shift_templates (org_id, id, name, start_local, end_local, window_before_min, window_after_min, grace_late_min,
       grace_early_min, breaks, min_half_day_min, min_present_min, rounding, night_from, night_to, is_paid) VALUES ?`,
    [[[orgId, shiftId, 'Day', '08:00', '17:00', 60, 240, 15, 15, '[]', 240, 420, rounding, '22:00', '06:00', true]]],
  );
  await hub.pool.query('INSERT INTO roster_targets (org_id, target_type, target_id) VALUES ?', [
    [[orgId, 'branch', branchId]],
  ]);
  await hub.pool.query(
    'INSERT INTO shift_assignments (org_id, id, target_type, target_id, shift_id, from_date, cycle) VALUES ?',
    [[[orgId, assignmentId, 'branch', branchId, shiftId, FIRST_MONDAY, cycle]]],
  );
}

/** Punches of a week, then its days: reading every fact, computing, writing, telling. Only the latter is measured. */
export async function computeWeek(hub: Hub, { orgId, branchId, userIds, week }: Week): Promise<ComputedWeek> {
  const monday = addDays(FIRST_MONDAY, 7 * week);
  for (let day = 0; day < 5; day += 1) {
    const date = addDays(monday, day);
    const rows = userIds.flatMap((userId) =>
      SAID.map(([direction, time]) => {
        const id = ulid();
        return [
          orgId,
          id,
          userId,
          branchId,
          new Date(`${date}T${time}:00Z`),
          'Africa/Johannesburg',
          date,
          direction,
          'device',
          id,
          'verified',
          new Date(),
        ];
      }),
    );
    await hub.pool.query(
      `INSERT INTO attendance_punches (org_id, id, user_id, branch_id, at, timezone, local_date, direction, source, source_id,
         verification, recorded_at) VALUES ?`,
      [rows],
    );
  }
  const before = process.cpuUsage();
  const done = await hub.use(attendance).computing.compute(orgId, userIds, addDays(monday, 1), addDays(monday, 5));
  const { user, system } = process.cpuUsage(before);
  return { ...done, cpuUs: user + system };
}
