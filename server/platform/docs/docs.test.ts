import { catalog, errorRegistry } from '@loro/contracts/catalog';
import { act, api } from '@loro/contracts/kit/api';
import { event, live, stream } from '@loro/contracts/kit/live';
import { z } from 'zod';
import { asyncApi } from './asyncapi';
import { isRecord } from './json-schema';
import { type DocsOptions, openApi } from './openapi';
import { docsRoutes } from './pages';

const options = { version: '1.2.3', serverUrl: 'http://localhost:3000' };
const htmlOf = (own: DocsOptions) =>
  [...docsRoutes(own).values()].flatMap((make) => (make().type.startsWith('text/html') ? [make().body] : []));
const pageAt = (path: string, own: object = {}) => docsRoutes({ ...options, ...own }).get(path)?.().body ?? '';

const endpoints = catalog.flatMap(({ name: room, api: table }) =>
  Object.keys(table?.endpoints ?? {}).map((name) => `${room}.${name}`),
);
const liveNames = (part: 'events' | 'calls') => catalog.flatMap((room) => Object.keys(room.live?.[part] ?? {}));

/** Every object inside a document, with the address it stands at. */
function* parts(value: unknown, at = '#'): Generator<[string, Record<string, unknown>]> {
  if (isRecord(value)) yield [at, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) yield* parts(part, `${at}/${key}`);
}

const texts = (document: unknown, key: string) =>
  [...parts(document)].flatMap(([, part]) => (typeof part[key] === 'string' ? [part[key]] : []));

const danglingRefs = (document: unknown) => {
  const places = new Set([...parts(document)].map(([at]) => at));
  return texts(document, '$ref').filter((ref) => !places.has(ref));
};

const twins = { StartOrder: z.strictObject({ count: z.number().default(1) }) };
const shop = {
  name: 'shop',
  api: api('/shop', {
    order: act('/<i>/:orderId', {
      permission: 'shop."buy"',
      body: twins.StartOrder,
      returns: twins.StartOrder,
      errors: ['SOLD_OUT'],
      summary: 'Buy <script>alert(1)</script> & more',
    }),
  }),
  live: live('/shop', {
    streams: { cart: stream('log', { permission: 'shop.buy', summary: '<b>' }) },
    calls: {},
    events: { 'order:placed': event('cart', twins.StartOrder, '<img src=x>') },
  }),
};
const hostile = { catalog: [shop], errors: { SOLD_OUT: { status: 409, title: '<u>gone</u>', help: 'Look at `<s>`' } } };

describe('describing the REST API', () => {
  it('names every endpoint of the catalog once', () => {
    const ids = texts(openApi(options), 'operationId');

    expect(ids.toSorted()).toEqual(endpoints.toSorted());
  });

  it('points nowhere that does not exist', () => {
    expect(danglingRefs(openApi(options))).toEqual([]);
  });

  it('calls a schema by its author’s name, once however often it is used', () => {
    const { schemas } = z.object({ schemas: z.record(z.string(), z.unknown()) }).parse(openApi(options)['components']);

    expect(Object.keys(schemas)).toEqual(expect.arrayContaining(['CheckIn', 'StartCheckIn', 'Problem', 'User']));
    expect(JSON.stringify(schemas['Me'])).toContain('"#/components/schemas/User"');
  });

  it('keeps what is sent and what is answered apart where defaults make them differ', () => {
    const { schemas } = z
      .object({ schemas: z.record(z.string(), z.looseObject({ required: z.array(z.string()).optional() })) })
      .parse(openApi({ ...options, ...hostile })['components']);

    expect(schemas['ShopOrderBodyInput']?.required).toBeUndefined();
    expect(schemas['ShopOrderBody']?.required).toEqual(['count']);
  });

  it('asks for the version where a row is versioned, and offers a key for every POST', () => {
    const paths = JSON.parse(JSON.stringify(openApi(options)['paths']));

    expect(JSON.stringify(paths['/api/v1/branches/{branchId}'].patch)).toContain('#/components/parameters/IfMatch');
    expect(JSON.stringify(paths['/api/v1/check-ins'].post)).toContain('#/components/parameters/IdempotencyKey');
    expect(paths['/api/v1/check-ins'].post.responses['201'].headers).toHaveProperty('Location');
    expect(paths['/api/v1/check-ins'].post.responses['409']['x-codes']).toContain('CHECK_IN_OPEN');
    expect(paths['/api/v1/auth/login'].post.security).toEqual([]);
  });
});

describe('describing the live API', () => {
  it('names every event and call of the catalog', () => {
    const names = texts(asyncApi(options), 'name');

    expect(names).toEqual(expect.arrayContaining([...liveNames('events'), ...liveNames('calls'), 'session:ready']));
  });

  it('points nowhere that does not exist', () => {
    expect(danglingRefs(asyncApi(options))).toEqual([]);
  });
});

describe('reading the pages', () => {
  it('finds every endpoint, event, call and job', () => {
    const [rest, liveText, jobs] = [pageAt('/docs/rest'), pageAt('/docs/live'), pageAt('/docs/jobs')];

    for (const id of endpoints) expect(rest).toContain(`id="${id.replaceAll('.', '-')}"`);
    for (const name of [...liveNames('events'), ...liveNames('calls')])
      expect(liveText).toContain(`<code>${name}</code>`);
    for (const { name } of catalog.flatMap((room) => room.jobs ?? [])) expect(jobs).toContain(`<code>${name}</code>`);
  });

  it('finds one page for every error code, with its help and its callers', () => {
    for (const code of Object.keys(errorRegistry)) expect(pageAt(`/docs/errors/${code}`)).toContain('What to do');

    expect(pageAt('/docs/errors/CHECK_IN_OPEN')).toContain('POST /api/v1/check-ins');
    expect(pageAt('/docs/errors')).toContain('href="/docs/errors/CHECK_IN_OPEN"');
  });

  it('follows every link to a place that exists', () => {
    const routes = docsRoutes(options);
    const ids = new Map([...routes].map(([path, make]) => [path, new Set(make().body.match(/(?<= id=")[^"]+/g))]));

    for (const [from, make] of routes) {
      for (const href of make().body.match(/(?<= href=")[^"]+/g) ?? []) {
        const [path = '', id] = href.split('#');
        const target = ids.get(path === '' ? from : path);
        expect({ from, href, stands: id === undefined ? target !== undefined : target?.has(id) }).toMatchObject({
          stands: true,
        });
      }
    }
  });

  it('shows hostile words as words', () => {
    const text = htmlOf({ ...options, ...hostile }).join('');

    expect(text).not.toMatch(/<(script|img|i|u|s|b)[ >]/);
    expect(text).toContain('&lt;script&gt;');
  });

  it('loads nothing from elsewhere and runs no script', () => {
    expect(htmlOf(options).join('')).not.toMatch(/<script|src=|href="https?:|style="/);
  });

  it('writes a page once', () => {
    const rest = docsRoutes(options).get('/docs/rest');

    expect(rest?.()).toBe(rest?.());
  });
});
