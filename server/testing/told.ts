import { appendFileSync } from 'node:fs';
import { catalog } from '@loro/contracts/catalog';
import { z } from 'zod';
import { journal } from '../modules/journal';
import type { Hub } from '../platform/boot';

const Line = z.object({ method: z.string(), route: z.string(), status: z.number(), requestId: z.string() });

interface Tested {
  readonly hub: Hub;
  sql<Row>(statement: string): Promise<Row[]>;
}

/** Every route that writes, as the log of requests names it. */
const writers = (): string[] =>
  catalog.flatMap(({ api }) =>
    Object.values(api?.endpoints ?? {})
      .filter(({ method, errors }) => method !== 'GET' && !errors.includes('JOURNAL_READ_ONLY'))
      .map(({ method, path }) => `${method} /api/v1${api?.prefix ?? ''}${path === '/' ? '' : path}`),
  );

/** Notes of every route that writes whether a request to it succeeded under a hub, and whether the journal heard of it. */
export async function noteTold(hub: Tested, file: string): Promise<void> {
  await hub.hub.use(journal).gather.flush();
  const rows = await hub.sql<{ data: string }>("SELECT data FROM journal_operations WHERE kind = 'access_log'");
  const entries = await hub.sql<{ requestId: string | null }>(
    "SELECT JSON_UNQUOTE(JSON_EXTRACT(data, '$.source.requestId')) AS requestId FROM journal_entries",
  );
  const told = new Set(entries.map(({ requestId }) => requestId));
  const done = rows
    .flatMap(({ data }) => Line.safeParse(JSON.parse(data)).data ?? [])
    .filter(({ status }) => status < 300)
    .map(({ method, route, requestId }) => ({ name: `${method} ${route}`, isTold: told.has(requestId) }));
  const lines = writers().map((route) => {
    const calls = done.filter(({ name }) => name === route);
    return JSON.stringify({ route, called: calls.length > 0, told: calls.some(({ isTold }) => isTold) });
  });
  appendFileSync(file, `${lines.join('\n')}\n`);
}
