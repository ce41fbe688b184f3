import type { Pool } from 'mysql2/promise';
import { ulid } from 'ulid';
import { modules } from '../../server/modules';
import { auth } from '../../server/modules/auth';
import { licensing } from '../../server/modules/licensing';
import { createLogger, Hub, type readConfig } from '../../server/platform/boot';

export interface Branch {
  readonly orgId: string;
  readonly branchId: string;
  readonly lat: number;
  readonly lng: number;
}

/** Somebody with a session that is signed in already. */
export interface Person extends Branch {
  readonly userId: string;
  readonly session: { accessToken: string; expiresAt: string; refreshToken: string; sessionId: string };
}

export const FENCE_RADIUS_M = 150;
const SMALL = { clients: 60, people: 10 };
const PEOPLE = 25;

/**
 * Companies of one branch each, so that everybody of a company hears the same streams. The role is one that may do and
 * see everything that is published here.
 */
export async function seedWorld(config: ReturnType<typeof readConfig>, clients: number): Promise<Person[]> {
  const hub = new Hub({ config, log: createLogger('warn', 'seed'), modules });
  try {
    await hub.start();
    const size = clients <= SMALL.clients ? SMALL.people : PEOPLE;
    const people: Person[] = [];
    while (people.length < clients) {
      const branch = await seedBranch(hub.pool, people.length);
      await hub.use(licensing).giveAll(branch.orgId);
      for (let index = 0; index < size && people.length < clients; index += 1) people.push(await hire(hub, branch));
    }
    return people;
  } finally {
    await hub.shutdown.end();
  }
}

async function seedBranch(pool: Pool, index: number): Promise<Branch> {
  const branch = { orgId: ulid(), branchId: ulid(), lat: -30 + (index % 1_000) * 0.02, lng: 20 };
  const { orgId, branchId, lat, lng } = branch;
  await pool.query(
    `INSERT INTO organisations (id, name, slug, status, timezone, locale, currency, country, created_at)
     VALUES (?, ?, ?, 'active', 'Africa/Johannesburg', 'en-ZA', 'ZAR', 'ZA', NOW(3))`,
    [orgId, `Company ${index}`, orgId.toLowerCase()],
  );
  await pool.query(
    `INSERT INTO branches (org_id, id, path, code, name, kind, status, timezone, fence_lat_e7, fence_lng_e7, fence_radius_m)
     VALUES (?, ?, ?, 'MAIN', 'Main branch', 'branch', 'active', 'Africa/Johannesburg', ?, ?, ?)`,
    [orgId, branchId, `/${branchId}/`, Math.round(lat * 1e7), Math.round(lng * 1e7), FENCE_RADIUS_M],
  );
  return branch;
}

async function hire(hub: Hub, branch: Branch): Promise<Person> {
  const userId = ulid();
  const { orgId, branchId } = branch;
  await hub.pool.query(
    `INSERT INTO users (org_id, id, email, name, status, home_branch_id, created_at) VALUES (?, ?, ?, ?, 'active', ?, NOW(3))`,
    [orgId, userId, `${userId.toLowerCase()}@soak.example`, `Person ${userId.slice(-4)}`, branchId],
  );
  await hub.pool.query(`INSERT INTO role_grants (org_id, user_id, role, granted_at) VALUES (?, ?, 'hr', NOW(3))`, [
    orgId,
    userId,
  ]);
  // Signing in by password would spend most of the start on hashes.
  const session = await hub.use(auth).sessions.open(orgId, userId, { name: 'soak', ip: '127.0.0.1' });
  const { accessToken, expiresAt, refreshToken, sessionId } = session;
  return { ...branch, userId, session: { accessToken, expiresAt, refreshToken, sessionId } };
}
