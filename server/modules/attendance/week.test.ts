import { addDays, ulid } from '../../platform';
import { Scene } from '../../testing/attendance-scene';
import { testHub } from '../../testing/test-hub';
import { attendance } from '.';

const hub = testHub();
const scene = new Scene(hub);
const MONDAY = '2027-02-01';
const PEOPLE = 200;
const WEEKS = 3;

beforeAll(() => scene.setClock('2027-02-23', '09:00'));

/** People of a branch who work from Monday to Friday and punch four times a day. */
async function crowd(orgId: string, branchId: string): Promise<string[]> {
  const ids = Array.from({ length: PEOPLE }, () => ulid());
  await hub.hub.pool.query('INSERT INTO users (org_id, id, email, name, status, home_branch_id, created_at) VALUES ?', [
    ids.map((id, index) => [
      orgId,
      id,
      `${id.toLowerCase()}@example.test`,
      `Person ${index}`,
      'active',
      branchId,
      new Date(),
    ]),
  ]);
  await hub.hub.pool.query(
    `INSERT INTO branch_memberships (org_id, id, branch_id, user_id, fte_centi, is_primary, from_date, state, open_mark, primary_mark) VALUES ?`,
    [ids.map((id) => [orgId, id, branchId, id, 100, true, '2026-01-05', 'current', 1, 1])],
  );
  const said = [
    ['in', '08:00'],
    ['break_start', '12:00'],
    ['break_end', '12:30'],
    ['out', '17:15'],
  ] as const;
  for (let day = 0; day < 7 * WEEKS; day += 1) {
    if (day % 7 > 4) continue;
    const date = addDays(MONDAY, day);
    await hub.hub.pool.query(
      `INSERT INTO attendance_punches (org_id, id, user_id, branch_id, at, timezone, local_date, direction, source, source_id, verification, recorded_at) VALUES ?`,
      [
        ids.flatMap((id) =>
          said.map(([direction, time]) => {
            const punchId = ulid();
            return [
              orgId,
              punchId,
              id,
              branchId,
              new Date(scene.at(date, time)),
              scene.zone,
              date,
              direction,
              'device',
              punchId,
              'verified',
              new Date(),
            ];
          }),
        ),
      ],
    );
  }
  return ids;
}

it('computes a week of 200 people in one job, says how fast, and changes nothing the second time', async () => {
  const owner = await hub.person({ role: 'owner' });
  await scene.api(owner).createPolicy({ name: 'Ours', preset: 'ZA_BCEA', isDefault: true });
  const shiftId = await scene.shift(owner, { breaks: [{ afterMin: 300, lengthMin: 30 }] });
  const cycle = { anchoredOn: MONDAY, days: ['on', 'on', 'on', 'on', 'on', 'off', 'off'] as ('on' | 'off')[] };
  await scene.api(owner).assign({ targetType: 'branch', targetId: owner.branchId, shiftId, from: '2026-01-01', cycle });
  const userIds = await crowd(owner.orgId, owner.branchId);
  const { computing } = hub.hub.use(attendance);
  const run = async (week: number) => {
    const cpu = process.cpuUsage();
    const monday = addDays(MONDAY, 7 * week);
    const done = await computing.compute(owner.orgId, userIds, addDays(monday, 1), addDays(monday, 5));
    const { user, system } = process.cpuUsage(cpu);
    return { ...done, rate: Math.round(done.days / ((user + system) / 1e6)) };
  };

  const weeks = [await run(0), await run(1), await run(2)];
  const again = await run(0);

  process.stdout.write(
    `computed ${weeks.map(({ rate }) => rate).join(', ')} person-days per CPU-second, week by week, and ${again.rate} with nothing to write\n`,
  );
  for (const week of weeks) expect(week).toMatchObject({ days: PEOPLE * 7, written: PEOPLE * 6 });
  expect(again).toMatchObject({ days: PEOPLE * 7, written: 0 });
  const rows = await hub.sql<{ status: string; n: number; worked: string }>(
    'SELECT status, COUNT(*) AS n, SUM(worked_sec) AS worked FROM attendance_days WHERE org_id = ? AND work_date < ? GROUP BY status ORDER BY status',
    [owner.orgId, addDays(MONDAY, 7)],
  );
  expect(rows.map(({ status, n, worked }) => [status, n, Number(worked)])).toEqual([
    ['present', PEOPLE * 5, PEOPLE * 5 * 525 * 60],
    ['weekly_off', PEOPLE, 0],
  ]);
}, 60_000);
