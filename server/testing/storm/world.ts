import type { Contract } from '@loro/contracts/kit/contract';
import type { Endpoint } from '@loro/contracts/kit/api';
import { ulid } from '../../platform/ulid';
import type { Person, TestHub } from '../test-hub';
import { isRecord } from '../../platform/docs/json-schema';
import { sample } from './samples';

/** A route with its whole path. */
export interface StormRoute {
  readonly name: string;
  readonly room: string;
  readonly path: string;
  readonly endpoint: Endpoint;
}

/** An organisation with people, and with rows of every kind that the hub can be made to keep. */
export interface StormOrganisation {
  readonly marker: string;
  readonly admin: Person;
  /** Ids of its rows, by table. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
  /** One of its ids for a field or parameter of this name. */
  readonly idFor: (field: string) => string;
}

export const routesOf = (contracts: readonly Contract[]): StormRoute[] =>
  contracts.flatMap(({ name: room, api }) =>
    Object.values(api?.endpoints ?? {}).map((endpoint) => {
      const path = `${api?.prefix ?? ''}${endpoint.path === '/' ? '' : endpoint.path}`;
      return { name: `${endpoint.method} ${path}`, room, path, endpoint };
    }),
  );

/** Other names of what stands in a table. */
const KINDS: Readonly<Record<string, string>> = {
  parentId: 'branches',
  homeBranchId: 'branches',
  managerId: 'users',
  ownerId: 'users',
  leadId: 'users',
  memberIds: 'users',
  userIds: 'users',
  branchIds: 'branches',
  roleId: 'roles',
  role: 'roles',
  shiftId: 'shift_templates',
};

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The table that a field most likely names: `checkInId` is one of `check_ins`. */
export function tableFor(field: string, tables: readonly string[]): string | undefined {
  const known = KINDS[field];
  if (known !== undefined) return known;
  const stem = snake(field.replace(/Ids?$/, ''));
  const plural = stem.endsWith('y') ? `${stem.slice(0, -1)}ies` : stem.endsWith('ch') ? `${stem}es` : `${stem}s`;
  return (
    tables.find((table) => table === plural) ??
    tables.find((table) => table.endsWith(`_${plural}`)) ??
    tables.find((table) => stem !== '' && table.includes(stem))
  );
}

/** People and branches by hand, and of every route that makes something one call with what its schema takes. */
export async function organisation(hub: TestHub, routes: readonly StormRoute[]): Promise<StormOrganisation> {
  const admin = await hub.person({ role: 'owner' });
  const marker = `m${admin.orgId.slice(-9).toLowerCase()}`;
  for (const role of ['admin', 'hr', 'manager', 'staff'] as const) await hub.person({ role, beside: admin });
  await hub.sql('UPDATE organisations SET owner_id = ? WHERE id = ?', [admin.userId, admin.orgId]);
  await hub.sql('UPDATE users SET name = CONCAT(?, name) WHERE org_id = ?', [marker, admin.orgId]);
  await hub.sql('UPDATE branches SET name = CONCAT(?, name) WHERE org_id = ?', [marker, admin.orgId]);
  const before = await idsOf(hub, admin.orgId);
  const makers = routes.filter(({ endpoint: { status, path } }) => status === 201 && !path.includes(':'));
  for (const { path, endpoint } of makers) {
    if ('public' in endpoint.access) continue;
    const own = (field: string) => pick(before, field) ?? ulid();
    const body = endpoint.body ? sample(endpoint.body, { own, marker }) : {};
    await request(hub, admin, { method: 'POST', path, body, isMultipart: endpoint.multipart ?? false });
  }
  const ids = await idsOf(hub, admin.orgId);
  return { marker, admin, ids, idFor: (field) => pick(ids, field) ?? ulid() };
}

const pick = (ids: ReadonlyMap<string, readonly string[]>, field: string): string | undefined => {
  const table = tableFor(field, [...ids.keys()]);
  return table === undefined ? undefined : ids.get(table)?.at(-1);
};

/** Every id that an organisation's rows have, by table: of tables that do not stand yet, too. */
async function idsOf(hub: TestHub, orgId: string): Promise<Map<string, string[]>> {
  const tables = await tablesWith(hub, 'id');
  const found = new Map<string, string[]>();
  for (const table of tables) {
    const rows = await hub.sql<{ id: unknown }>(`SELECT id FROM ${table} WHERE org_id = ? LIMIT 20`, [orgId]);
    const ids = rows.flatMap(({ id }) => (typeof id === 'string' && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id) ? [id] : []));
    if (ids.length > 0) found.set(table, ids);
  }
  return found;
}

/** Tables of tenants that have this column as well. */
async function tablesWith(hub: TestHub, column: string): Promise<string[]> {
  const rows = await hub.sql<{ name: string }>(
    `SELECT DISTINCT a.TABLE_NAME AS name FROM information_schema.COLUMNS a
     JOIN information_schema.COLUMNS b ON b.TABLE_SCHEMA = a.TABLE_SCHEMA AND b.TABLE_NAME = a.TABLE_NAME
     WHERE a.TABLE_SCHEMA = DATABASE() AND a.COLUMN_NAME = 'org_id' AND b.COLUMN_NAME = ? ORDER BY name`,
    [column],
  );
  return rows.map(({ name }) => name);
}

/** What the hub measures by itself, minute by minute, whoever calls. */
const MEASURED: ReadonlySet<string> = new Set([
  'journal_metrics',
  'activity_events',
  'activity_dirty',
  'metric_series',
  'metric_dimensions',
  'metric_dimension_values',
  'metric_points',
  'metric_dirty',
]);

/** What an organisation keeps, table by table, as one can compare it: nobody else may change a letter of it. */
export async function keptBy(hub: TestHub, orgId: string): Promise<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const table of await tablesWith(hub, 'org_id')) {
    if (MEASURED.has(table)) continue;
    const rows = await hub.sql<object>(`SELECT * FROM ${table} WHERE org_id = ?`, [orgId]);
    // The hub itself notes when somebody was last connected.
    const lines = rows.map((row) => JSON.stringify({ ...row, last_seen_at: undefined }));
    kept[table] = lines.toSorted().join('\n');
  }
  const heads = await hub.sql<object>('SELECT stream, n FROM stream_heads WHERE stream LIKE ? ORDER BY stream', [
    `${orgId}:%`,
  ]);
  return { ...kept, stream_heads: JSON.stringify(heads) };
}

export interface Answered {
  readonly status: number;
  readonly code: string | undefined;
  readonly version: number | undefined;
  readonly text: string;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly isMultipart?: boolean;
}

/** A small file, and beside it the fields as text. */
function formOf(body: unknown): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(isRecord(body) ? body : {})) form.set(name, String(value));
  form.set('file', new Blob(['a small file'], { type: 'text/plain' }), 'small.txt');
  return form;
}

export async function request(hub: TestHub, { token }: Person, asked: Asked): Promise<Answered> {
  const url = new URL(`${hub.url}/api/v1${asked.path}`);
  for (const [key, value] of Object.entries(asked.query ?? {})) url.searchParams.set(key, String(value));
  const isRead = asked.method === 'GET';
  const response = await fetch(url, {
    method: asked.method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(!isRead && !asked.isMultipart && { 'content-type': 'application/json' }),
      ...(asked.ifMatch !== undefined && { 'if-match': asked.ifMatch }),
    },
    ...(!isRead && { body: asked.isMultipart ? formOf(asked.body) : JSON.stringify(asked.body ?? {}) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  // Whatever it is, these are looked for in it.
  const { code, data } = (text.startsWith('{') ? JSON.parse(text) : {}) as {
    code?: string;
    data?: { version?: number };
  };
  const version = data?.version;
  return { status: response.status, code, version, text };
}
