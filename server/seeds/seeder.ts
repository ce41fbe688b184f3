import { auth } from '../modules/auth';
import { licensing } from '../modules/licensing';
import type { Hub } from '../platform';
import { branchRows, membershipRows } from './branch-rows';
import { demoCompany, liveCast } from './company';
import type { DemoCompany } from './company.types';
import { movementOf, type PersonDay, workingDates } from './movement';
import { stableId } from './random';
import { DEMO_PASSWORD } from './show';
import { dutyRows, markRows } from './marks';
import { type DemoVisit, visitsOf } from './visits';

const ROWS_AT_ONCE = 1_000;
const DAYS = 5;

type Value = string | number | Date | null;

/** Puts the demo company with a week of movement into an empty database. Safe to run again, and after an interruption. */
export async function seedDemo(hub: Hub, say: (message: string) => void): Promise<boolean> {
  const company = demoCompany();
  const orgId = company.organisation.id;
  const [done] = await hub.select<{ id: string }>(
    'SELECT org_id AS id FROM last_positions WHERE org_id = :orgId LIMIT 1',
    {
      orgId,
    },
  );
  if (done) return false;
  say(`making the demo company ${company.organisation.name}: ${company.people.length} people, a week of movement`);
  await seedCompany(hub, company);
  await seedTrackables(hub, company);
  await seedMovement(hub, company, say);
  return true;
}

async function insert(hub: Hub, table: string, columns: readonly string[], rows: readonly Value[][]): Promise<void> {
  const row = `(${columns.map(() => '?').join(',')})`;
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const part = rows.slice(from, from + ROWS_AT_ONCE);
    await hub.pool.query(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${part.map(() => row).join(',')}
       ON DUPLICATE KEY UPDATE org_id = VALUES(org_id)`,
      part.flat(),
    );
  }
}

async function seedCompany(hub: Hub, company: DemoCompany): Promise<void> {
  const { organisation, people } = company;
  const now = hub.now();
  const { id: orgId } = organisation;
  await hub.pool.query(
    `INSERT INTO organisations (id, name, slug, status, timezone, locale, currency, country, created_at) VALUES (?)
     ON DUPLICATE KEY UPDATE name = VALUES(name)`,
    [
      [
        orgId,
        organisation.name,
        organisation.slug,
        organisation.status,
        organisation.timezone,
        organisation.locale,
        organisation.currency,
        organisation.country,
        new Date(organisation.createdAt),
      ],
    ],
  );
  await hub.use(licensing).giveAll(orgId);
  for (const { table, columns, rows } of branchRows(company)) await insert(hub, table, columns, rows);
  await insert(
    hub,
    'users',
    ['org_id', 'id', 'email', 'name', 'status', 'kind', 'home_branch_id', 'job_title', 'employee_no', 'created_at'],
    people.map((person) => [
      orgId,
      person.id,
      person.email,
      person.name,
      person.status,
      person.kind,
      person.homeBranchId,
      person.jobTitle,
      person.employeeNo,
      now,
    ]),
  );
  const memberships = membershipRows(company);
  await insert(hub, memberships.table, memberships.columns, memberships.rows);
  await insert(
    hub,
    'role_grants',
    ['org_id', 'user_id', 'role', 'granted_at'],
    people.flatMap(({ id, role }) => [
      [orgId, id, role, now],
      // Whoever tries the demo may also look at how the hub does.
      ...(role === 'owner' ? [[orgId, id, 'platform_admin', now]] : []),
    ]),
  );
  const owner = people.find(({ role }) => role === 'owner');
  await hub.pool.query('UPDATE organisations SET owner_id = ? WHERE id = ?', [owner?.id ?? null, orgId]);
  // One hash for all: forty times 0.2 s would be the longest part of the first start, and the password is public.
  const hash = await hub.use(auth).passwords.hash(DEMO_PASSWORD);
  for (const { id } of people) await hub.use(auth).setPassword(orgId, id, hash);
}

const trackableId = (personId: string): string => stableId(new Date('2026-01-05T06:00:00Z'), 'trackable', personId);

async function seedTrackables(hub: Hub, company: DemoCompany): Promise<void> {
  const { id: orgId } = company.organisation;
  const now = hub.now();
  const tracked = company.people;
  const cast = new Set(liveCast(company).map(({ id }) => id));
  await insert(
    hub,
    'trackables',
    ['org_id', 'id', 'live_key', 'kind', 'ref_id', 'name', 'branch_id', 'user_id', 'lost_at', 'created_at'],
    tracked.map(({ id, name, homeBranchId }, index) => [
      orgId,
      trackableId(id),
      index + 1,
      'user',
      id,
      name,
      homeBranchId,
      id,
      // Those whom nobody moves live are away from the start, rather than announced as lost one after the other.
      cast.has(id) ? null : now,
      now,
    ]),
  );
  await insert(hub, 'live_keys', ['org_id', 'last'], [[orgId, tracked.length]]);
  await insert(
    hub,
    'devices',
    ['org_id', 'id', 'user_id', 'trackable_id', 'created_at'],
    tracked.map(({ id, deviceId }) => [orgId, deviceId, id, trackableId(id), now]),
  );
}

async function seedMovement(hub: Hub, company: DemoCompany, say: (message: string) => void): Promise<void> {
  const now = hub.now();
  const today = new Date(now.getTime() + 2 * 3_600_000).toISOString().slice(0, 10);
  const cast = new Set(liveCast(company).map(({ id }) => id));
  const newest = new Map<string, Value[]>();
  const visits: DemoVisit[] = [];
  let fixes = 0;
  for (const day of movementOf(company, workingDates(today, DAYS), { until: now })) {
    // Whoever is moved live starts today from the branch; a history of today would make them leap there.
    const isCast = cast.has(day.person.id);
    if (isCast && day.date === today) continue;
    visits.push(...(await seedDay(hub, company, day, newest, isCast)));
    fixes += day.fixes.length;
    if (fixes % 40_000 < day.fixes.length) say(`${fixes.toLocaleString('en')} fixes of the past week are in`);
  }
  const { id: orgId } = company.organisation;
  const duty = dutyRows(orgId, visits, now);
  await insert(hub, duty.table, duty.columns, duty.rows);
  const rows = [...newest.values()];
  await insert(
    hub,
    'track_states',
    ['org_id', 'trackable_id', 'followed_at'],
    rows.map((row) => [orgId, row[1] ?? '', row[2] ?? null]),
  );
  // Last, because it is what a second start looks for.
  await insert(
    hub,
    'last_positions',
    [
      'org_id',
      'trackable_id',
      'at',
      'received_at',
      'heard_at',
      'lat_e7',
      'lng_e7',
      'accuracy_m',
      'speed_mps',
      'heading_deg',
      'battery',
    ],
    rows,
  );
}

async function seedDay(
  hub: Hub,
  company: DemoCompany,
  day: PersonDay,
  newest: Map<string, Value[]>,
  isCast: boolean,
): Promise<DemoVisit[]> {
  const { id: orgId } = company.organisation;
  const tracked = trackableId(day.person.id);
  await insert(
    hub,
    'fixes',
    [
      'org_id',
      'device_id',
      'boot',
      'n',
      'at',
      'trackable_id',
      'received_at',
      'segment',
      'lat_e7',
      'lng_e7',
      'accuracy_m',
      'speed_mps',
      'heading_deg',
      'battery',
    ],
    day.fixes.map((fix, index) => [
      orgId,
      day.person.deviceId,
      day.boot,
      index + 1,
      new Date(fix.at),
      tracked,
      new Date(fix.at),
      fix.segment ?? 0,
      Math.round(fix.lat * 1e7),
      Math.round(fix.lng * 1e7),
      fix.accuracy,
      fix.speed,
      fix.heading,
      fix.battery,
    ]),
  );
  const last = day.fixes.at(-1);
  if (last) {
    const at = new Date(last.at);
    const place = [Math.round(last.lat * 1e7), Math.round(last.lng * 1e7), last.accuracy, last.speed, last.heading];
    // Whoever is moved live was heard of just now, so that the first screen does not begin with losing them.
    const heardAt = isCast ? hub.now() : at;
    newest.set(day.person.id, [orgId, tracked, at, at, heardAt, ...place, last.battery]);
  }
  const visits = visitsOf(day, company.seed).filter(({ endedAt }) => endedAt !== null || !isCast);
  await insert(
    hub,
    'check_ins',
    [
      'org_id',
      'id',
      'branch_id',
      'user_id',
      'started_at',
      'started_lat_e7',
      'started_lng_e7',
      'ended_at',
      'ended_lat_e7',
      'ended_lng_e7',
      'note',
      'open_for',
    ],
    visits.map((visit) => [
      orgId,
      visit.id,
      visit.branchId,
      visit.userId,
      new Date(visit.startedAt),
      Math.round(visit.startedPlace.lat * 1e7),
      Math.round(visit.startedPlace.lng * 1e7),
      visit.endedAt === null ? null : new Date(visit.endedAt),
      visit.endedPlace === null ? null : Math.round(visit.endedPlace.lat * 1e7),
      visit.endedPlace === null ? null : Math.round(visit.endedPlace.lng * 1e7),
      visit.note,
      visit.endedAt === null ? visit.userId : null,
    ]),
  );
  const { timezone } = company.organisation;
  for (const { table, columns, rows } of markRows({ orgId, timezone, visits })) await insert(hub, table, columns, rows);
  return visits;
}
