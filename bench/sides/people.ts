import { ulid } from 'ulid';
import { auth } from '../../server/modules/auth';
import { licensing } from '../../server/modules/licensing';
import type { Hub } from '../../server/platform/boot';
import { signForAnchors } from './anchor-tokens';

const ROWS_AT_ONCE = 1_000;
const TOKEN_LIFE_MS = 3 * 3_600_000;
const SESSION_LIFE_MS = 86_400_000;

/** Somebody of the bench: a token for the hub, one for the anchors, a device, and where they belong. */
export interface Person {
  readonly role: Role;
  readonly orgId: string;
  readonly branchId: string;
  readonly userId: string;
  readonly device: string;
  readonly hubToken: string;
  readonly anchorToken: string;
}

/** Staff report where they are; auditors see everything of their organisation. */
type Role = 'staff' | 'auditor';

type Value = string | number | Date | null;

export interface OrganisationPlan {
  readonly staff: number;
  readonly auditors: number;
}

/**
 * An organisation with one branch and its people, each with a live session and tokens from the hub's own keys. Rows in bulk
 * and sessions without refresh tokens: signing in ten thousand people one by one would take longer than all figures.
 */
export async function makeOrganisation(hub: Hub, { staff, auditors }: OrganisationPlan): Promise<Person[]> {
  const orgId = ulid();
  const branchId = ulid();
  const now = hub.now();
  await insert(
    hub,
    'organisations',
    ['id', 'name', 'slug', 'status', 'timezone', 'locale', 'currency', 'country', 'created_at'],
    [
      [
        orgId,
        `Organisation ${orgId.slice(-6)}`,
        orgId.toLowerCase(),
        'active',
        'Africa/Johannesburg',
        'en-ZA',
        'ZAR',
        'ZA',
        now,
      ],
    ],
  );
  await hub.use(licensing).giveAll(orgId);
  await insert(
    hub,
    'branches',
    ['org_id', 'id', 'path', 'code', 'name', 'kind', 'status', 'timezone', ...FENCE],
    [
      [
        orgId,
        branchId,
        `/${branchId}/`,
        'MAIN',
        'Main',
        'branch',
        'active',
        'Africa/Johannesburg',
        -261_000_000,
        280_500_000,
        500,
      ],
    ],
  );
  const members = await Promise.all(
    Array.from({ length: staff + auditors }, (_, index) =>
      member(hub, { orgId, branchId, role: index < staff ? 'staff' : 'auditor' }),
    ),
  );
  await insert(
    hub,
    'users',
    ['org_id', 'id', 'email', 'name', 'status', 'home_branch_id', 'job_title', 'employee_no', 'created_at'],
    members.map(({ userId }, index) => [
      orgId,
      userId,
      `${userId.toLowerCase()}@example.test`,
      `Person ${String(index).padStart(5, '0')} of the bench`,
      'active',
      branchId,
      'Field consultant',
      `E-${index}`,
      now,
    ]),
  );
  await insert(
    hub,
    'role_grants',
    ['org_id', 'user_id', 'role', 'granted_at'],
    members.map(({ userId, role }) => [orgId, userId, role, now]),
  );
  await insert(
    hub,
    'sessions',
    [
      'org_id',
      'id',
      'user_id',
      'device_name',
      'ip',
      'state',
      'created_at',
      'last_seen_at',
      'idle_expires_at',
      'absolute_expires_at',
    ],
    members.map(({ userId, sessionId }) => [
      orgId,
      sessionId,
      userId,
      'bench',
      '127.0.0.1',
      'active',
      now,
      now,
      later(now),
      later(now),
    ]),
  );
  await enrol(
    hub,
    members.filter(({ role }) => role === 'staff'),
  );
  return members;
}

const FENCE = ['fence_lat_e7', 'fence_lng_e7', 'fence_radius_m'];
const later = (now: Date): Date => new Date(now.getTime() + SESSION_LIFE_MS);

async function member(
  hub: Hub,
  { orgId, branchId, role }: Pick<Person, 'orgId' | 'branchId' | 'role'>,
): Promise<Person & { sessionId: string }> {
  const userId = ulid();
  const sessionId = ulid();
  const claims = { orgId, userId, sessionId, authenticatedAt: hub.now() };
  const { token: hubToken } = await hub.use(auth).keys.sign(claims, TOKEN_LIFE_MS);
  return {
    role,
    orgId,
    branchId,
    userId,
    sessionId,
    device: ulid(),
    hubToken,
    anchorToken: signForAnchors({ sub: userId, org: orgId }),
  };
}

/** Phones that have reported before: enrolment happens once in a device's life. */
async function enrol(hub: Hub, members: readonly Person[]): Promise<void> {
  const now = hub.now();
  const rows = members.map((person, index) => ({ ...person, trackableId: ulid(), key: index + 1 }));
  await insert(
    hub,
    'trackables',
    ['org_id', 'id', 'live_key', 'kind', 'ref_id', 'name', 'branch_id', 'user_id', 'lost_at', 'created_at'],
    rows.map(({ orgId, trackableId, key, userId, branchId }) => [
      orgId,
      trackableId,
      key,
      'user',
      userId,
      `Person ${key}`,
      branchId,
      userId,
      null,
      now,
    ]),
  );
  await insert(
    hub,
    'devices',
    ['org_id', 'id', 'user_id', 'trackable_id', 'created_at'],
    rows.map(({ orgId, device, userId, trackableId }) => [orgId, device, userId, trackableId, now]),
  );
}

async function insert(hub: Hub, table: string, columns: readonly string[], rows: readonly Value[][]): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
    await hub.pool.query(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ?`, [
      rows.slice(from, from + ROWS_AT_ONCE),
    ]);
}
