import { catalog } from '@loro/contracts/catalog';
import { streamName } from '@loro/contracts/kit/live';
import type { Subscribed } from '@loro/contracts/kit/session';
import type { z } from 'zod';
import type { Listener } from '../../testing/listener';
import { ALSO, MADE_BY_CALLERS, UNASKED } from '../../testing/storm/exceptions';
import { idPlaces, type Place, sample } from '../../testing/storm/samples';
import {
  type Answered,
  keptBy,
  organisation,
  request,
  routesOf,
  type StormOrganisation,
  type StormRoute,
} from '../../testing/storm/world';
import { testHub } from '../../testing/test-hub';
import { isHubWide } from './access.policy';

const AT_ONCE = 6;
const OTHER_KINDS = 4;
let turn = 0;
const unasked = new Set<string>();

const hub = testHub({ env: { API_RATE_PER_USER: '5000', API_RATE_PER_ORGANISATION: '20000' } });
const routes = routesOf(catalog).filter(({ endpoint }) => !('public' in endpoint.access));
const calls = catalog.flatMap(({ live }) =>
  Object.entries(live?.calls ?? {}).map(([name, row]) => ({ name, row, namespace: live?.namespace ?? '' })),
);
const kinds = catalog.flatMap(({ live }) =>
  Object.keys(live?.streams ?? {}).map((kind) => ({ kind, namespace: live?.namespace ?? '' })),
);
const namespaces = [...new Set(kinds.map(({ namespace }) => namespace))];

let us: StormOrganisation;
let victims: StormOrganisation[];
let before: Record<string, string>[];
const listeners: Listener[] = [];
let heardBefore: number[];

beforeAll(async () => {
  us = await organisation(hub, routes);
  victims = [await organisation(hub, routes), await organisation(hub, routes)];
  for (const victim of victims) for (const namespace of namespaces) listeners.push(await followAll(namespace, victim));
  // What their own coming set off is over.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  heardBefore = listeners.map(({ all }) => all.length);
  before = await Promise.all(victims.map(({ admin }) => keptBy(hub, admin.orgId)));
}, 60_000);

/** Hears everything of its own organisation that this namespace tells. */
async function followAll(namespace: string, { admin, ids }: StormOrganisation): Promise<Listener> {
  const listener = await hub.listen(namespace, admin);
  const streams = kinds
    .filter((kind) => kind.namespace === namespace)
    .flatMap(({ kind }) =>
      [admin.orgId, ...[...ids.values()].flat()].map((id) => ({ stream: streamName(admin.orgId, kind, id) })),
    );
  for (let from = 0; from < streams.length; from += 100)
    await listener.call('stream:subscribe', { streams: streams.slice(from, from + 100) });
  return listener;
}

describe('the storm: calls with ids of other organisations', () => {
  it('are told that there is no such thing, by every route and in every place that takes an id', async () => {
    const wrong: string[] = [];
    let count = 0;
    const left = routes.values();
    const work = async () => {
      for (const route of left)
        for await (const shot of shotsAt(route)) {
          const answer = await request(hub, us.admin, shot);
          const verdict = judge(route, shot, answer);
          if (verdict !== null) wrong.push(...unlessUnasked(`${route.name} ${shot.place}`, verdict));
          count += 1;
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));

    expect([...new Set(wrong)]).toEqual([]);
    expect(count).toBeGreaterThan(1_000);
  }, 120_000);

  it('are told so by every call over a socket', async () => {
    const wrong: string[] = [];
    for (const { name, row, namespace } of calls) {
      const listener = await hub.listen(namespace, us.admin);
      for (const place of idPlaces(row.input).filter((at) => !MADE_BY_CALLERS.has(`${name} ${at}`)))
        for (const victim of victims) {
          const input = sample(row.input, { own: us.idFor, marker: us.marker, foreign: foreignAt(victim, place) });
          const reply = await listener.call(name, input);
          const code = reply.ok ? 'was done' : reply.error.code;
          if (code !== 'NOT_FOUND') wrong.push(`${namespace} ${name} ${place}: ${code}`);
        }
      listener.close();
    }

    expect([...new Set(wrong)]).toEqual([]);
  }, 60_000);

  it('hear no stream, whatever its kind and whoever it is said to belong to', async () => {
    const wrong: string[] = [];
    for (const namespace of namespaces) {
      const listener = await hub.listen(namespace, us.admin);
      const streams = kinds.flatMap(({ kind }) =>
        victims.flatMap(({ admin, ids }) =>
          [admin.orgId, ...[...ids.values()].flatMap((some) => some.slice(0, 2))].flatMap((id) => [
            streamName(us.admin.orgId, kind, id),
            streamName(admin.orgId, kind, id),
          ]),
        ),
      );
      for (let from = 0; from < streams.length; from += 100) {
        const asked = streams.slice(from, from + 100).map((stream) => ({ stream }));
        const reply = await listener.call<Subscribed>('stream:subscribe', { streams: asked });
        if (!reply.ok) wrong.push(reply.error.code);
        else
          for (const answer of reply.data.streams) {
            const code = 'error' in answer ? answer.error.code : 'is heard';
            if (code === 'NOT_FOUND') continue;
            const isOurs = answer.stream.startsWith(us.admin.orgId);
            const kind = answer.stream.replace(/^\w+:|:\w+$/g, '');
            wrong.push(...(isOurs ? unlessUnasked(`stream ${kind}`, code) : [`stream ${kind} of theirs: ${code}`]));
          }
      }
      listener.close();
    }
    for (const { kind } of kinds)
      for (const { admin } of victims) {
        const path = `/streams/${streamName(admin.orgId, kind, admin.userId)}`;
        const { status } = await request(hub, us.admin, { method: 'GET', path });
        if (status !== 404) wrong.push(`GET ${kind}: ${status}`);
      }

    expect([...new Set(wrong)]).toEqual([]);
  }, 60_000);

  it('have changed not a letter of what the others keep, and nobody of them has heard of it', async () => {
    const after = await Promise.all(victims.map(({ admin }) => keptBy(hub, admin.orgId)));
    const changed = after.flatMap((tables, at) =>
      Object.keys(tables).filter((table) => tables[table] !== before[at]?.[table]),
    );
    const heard = listeners.flatMap(({ all }, at) => all.slice(heardBefore[at]).map(({ event }) => event));

    expect([...new Set(changed)]).toEqual([]);
    // What the protocol says of itself is no event of theirs.
    expect(heard.filter((event) => !/^(session|stream):/.test(event))).toEqual([]);
  });

  it('are asked about everywhere but where it is said above', () => {
    expect([...unasked].toSorted()).toEqual([...UNASKED].toSorted());
  });

  it('show nothing of the others in any list', async () => {
    const wrong: string[] = [];
    for (const { name, path, endpoint } of routes) {
      if (endpoint.method !== 'GET' || path.includes(':')) continue;
      const query = endpoint.query
        ? (sample(endpoint.query, { own: us.idFor, marker: '' }) as Record<string, unknown>)
        : {};
      const { status, text } = await request(hub, us.admin, { method: 'GET', path, query });
      if (status < 300 && isTheirs(text)) wrong.push(name);
    }

    expect(wrong).toEqual([]);
  }, 60_000);
});

interface Shot {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, unknown>;
  readonly body: unknown;
  readonly ifMatch?: string;
  readonly isMultipart: boolean;
  readonly place: Place;
}

function unlessUnasked(place: string, verdict: string): string[] {
  if (!UNASKED.has(place) || verdict === THEIRS) return [`${place}: ${verdict}`];
  unasked.add(place);
  return [];
}

const THEIRS = 'shows something of theirs';
const isTheirs = (text: string): boolean => victims.some(({ marker }) => text.includes(marker));

/** What is wrong with an answer; null where nothing is. */
function judge({ name, endpoint }: StormRoute, { place }: Shot, { status, code, text }: Answered): string | null {
  if (isTheirs(text)) return THEIRS;
  if (status === 404) return null;
  // Rows that reach beyond one organisation are for those who keep the hub.
  if ('permission' in endpoint.access && isHubWide(endpoint.access.permission))
    return status === 403 ? null : `${status}`;
  if (MADE_BY_CALLERS.has(`${name} ${place}`)) return null;
  // A filter that nothing fits.
  if (endpoint.kind === 'list' && status === 200 && text.startsWith('{"data":[],')) return null;
  return `${status} ${code ?? ''}`.trim();
}

const fieldOf = (place: Place): string => place.split('.').findLast((key) => !/^\d+$/.test(key)) ?? '';
const foreignAt = (victim: StormOrganisation, place: Place) => ({ place, id: victim.idFor(fieldOf(place)) });

/** What most likely belongs there of each of the others, and ids of some other kinds that they have, in turn. */
function foreignIds(place: Place): string[] {
  const likely = victims.map((victim) => victim.idFor(fieldOf(place)));
  const others = victims.flatMap(({ admin, ids }) => [
    admin.orgId,
    ...[...ids.values()].flatMap((some) => some.slice(0, 1)),
  ]);
  turn += OTHER_KINDS;
  return [...likely, ...Array.from({ length: OTHER_KINDS }, (_, at) => others[(turn + at) % others.length] ?? '')];
}

/** A call for every place of the route that takes an id, with somebody else's there and one's own everywhere else. */
async function* shotsAt({ name, path, endpoint }: StormRoute): AsyncGenerator<Shot> {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, param]) => param ?? '');
  const schemas = { path: endpoint.params, query: endpoint.query, body: endpoint.body };
  const places = (['path', 'query', 'body'] as const).flatMap((part) => {
    const schema = schemas[part];
    const found = schema ? idPlaces(schema) : part === 'path' ? names : [];
    return found.map((place) => ({ part, place }));
  });
  const make = (schema: z.ZodType | undefined, foreign?: { place: Place; id: string }) =>
    // Queries, parameters and bodies are objects.
    (schema ? sample(schema, { own: us.idFor, marker: us.marker, also: ALSO[name], foreign }) : {}) as Record<
      string,
      unknown
    >;

  for (const { part, place } of places)
    for (const id of foreignIds(place)) {
      const foreign = { place, id };
      const own = endpoint.params
        ? make(endpoint.params)
        : Object.fromEntries(names.map((param) => [param, us.idFor(param)]));
      const params = part === 'path' ? { ...own, [place]: foreign.id } : own;
      const filled = path.replaceAll(/:(\w+)/g, (_, param: string) => String(params[param]));
      yield {
        method: endpoint.method,
        path: filled,
        query: make(endpoint.query, part === 'query' ? foreign : undefined),
        body: make(endpoint.body, part === 'body' ? foreign : undefined),
        place: `${part} ${place}`,
        isMultipart: endpoint.multipart ?? false,
        ...(endpoint.versioned && { ifMatch: `"${await versionOf(filled)}"` }),
      };
    }
}

/** Of the thing at this address, if it is one of ours. */
async function versionOf(path: string): Promise<number> {
  const { version } = await request(hub, us.admin, { method: 'GET', path });
  return version ?? 1;
}
