import { catalog as everyRoom, errorRegistry } from '@loro/contracts/catalog';
import type { Contract } from '@loro/contracts/kit/contract';
import type { ErrorDefinition } from '@loro/contracts/kit/problem';
import { asyncApi } from './asyncapi';
import { html, link, type Markup, page, prose, stylesheet } from './html';
import { type DocsOptions, openApi } from './openapi';
import { answeredBy, jobsReference, liveReference, restReference } from './reference';

export interface DocsPage {
  /** Value for `Content-Type`. */
  readonly type: string;
  readonly body: string;
}

type Make = () => DocsPage;
const HTML = 'text/html; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * Everything under `/docs`, by path. The contracts never change while a hub runs, so each page is written once, when it
 * is first asked for.
 * @example docsRoutes({ version, serverUrl }).get('/docs/rest')?.()
 */
export function docsRoutes(options: DocsOptions): ReadonlyMap<string, Make> {
  const { catalog = everyRoom, errors = errorRegistry } = options;
  const routes = new Map<string, Make>();
  const add = (path: string, title: string, content: () => Markup) =>
    routes.set(
      path,
      once(() => ({ type: HTML, body: page(path, title, content()) })),
    );
  const addJson = (path: string, document: () => object) =>
    routes.set(
      path,
      once(() => ({ type: JSON_TYPE, body: JSON.stringify(document()) })),
    );

  add('/docs', 'Loro Hub for developers', () => overview(options, catalog, errors));
  add('/docs/rest', 'REST', () => restReference(catalog));
  add('/docs/live', 'Live', () => liveReference(catalog));
  add('/docs/jobs', 'Jobs', () => jobsReference(catalog));
  add('/docs/errors', 'Errors', () => errorList(errors));
  for (const [code, definition] of Object.entries(errors)) {
    add(`/docs/errors/${code}`, code, () => errorPage(code, definition, catalog));
  }
  addJson('/docs/openapi.json', () => openApi(options));
  addJson('/docs/asyncapi.json', () => asyncApi(options));
  routes.set('/docs/style.css', () => ({ type: 'text/css; charset=utf-8', body: stylesheet }));
  return routes;
}

function once(make: Make): Make {
  let made: DocsPage | undefined;
  return () => (made ??= make());
}

const size = (table: object | undefined): number => Object.keys(table ?? {}).length;

function overview(
  { version, serverUrl }: DocsOptions,
  catalog: readonly Contract[],
  errors: Readonly<Record<string, ErrorDefinition>>,
): Markup {
  const count = (of: (room: Contract) => number) => catalog.reduce((sum, room) => sum + of(room), 0);
  const endpoints = count(({ api }) => size(api?.endpoints));
  const events = count(({ live }) => size(live?.events));
  const calls = count(({ live }) => size(live?.calls));
  return html`<p>
      Version ${version} of the hub at <code>${serverUrl}</code>. These pages are written from the contracts that the
      hub itself validates with, so they cannot fall behind.
    </p>
    <ul>
      <li>
        ${link('/docs/rest', 'REST')}: ${endpoints} endpoints under
        <code>/api/v1</code> (${link('/docs/openapi.json', 'OpenAPI 3.1')})
      </li>
      <li>
        ${link('/docs/live', 'Live')}: ${events} events and ${calls} calls over Socket.IO
        (${link('/docs/asyncapi.json', 'AsyncAPI 3.0')})
      </li>
      <li>${link('/docs/jobs', 'Jobs')}: ${count(({ jobs }) => jobs?.length ?? 0)} kinds of background work</li>
      <li>${link('/docs/errors', 'Errors')}: ${size(errors)} codes, and what to do about each</li>
    </ul>
    <h2>First steps</h2>
    <p>
      Sign in with <code>POST /api/v1/auth/login</code> and send the access token as
      <code>Authorization: Bearer …</code>. For sockets connect to a namespace with the same token in
      <code>auth.token</code>; the hub answers with <code>session:ready</code> and the streams that it joined for you.
    </p>`;
}

const errorList = (errors: Readonly<Record<string, ErrorDefinition>>): Markup =>
  html` <p>
      Every refusal, over HTTP and over sockets, is a problem document with one of these codes in <code>code</code>.
    </p>
    <div class="wide" role="region" aria-label="Error codes" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">Code</th>
            <th scope="col">Status</th>
            <th scope="col">What happened</th>
          </tr>
        </thead>
        <tbody>
          ${Object.entries(errors)
            .toSorted(([a, { status: one }], [b, { status: other }]) => one - other || (a < b ? -1 : 1))
            .map(
              ([code, { status, title }]) =>
                html`<tr>
                  <th scope="row">${link(`/docs/errors/${code}`, code)}</th>
                  <td>${status}</td>
                  <td>${title}</td>
                </tr>`,
            )}
        </tbody>
      </table>
    </div>`;

function errorPage(code: string, { status, title, help }: ErrorDefinition, catalog: readonly Contract[]): Markup {
  const callers = answeredBy(code, catalog);
  return html`<dl>
      <dt>Status</dt>
      <dd>${status}</dd>
      <dt>What happened</dt>
      <dd>${title}</dd>
      <dt>What to do</dt>
      <dd>${prose(help)}</dd>
    </dl>
    <h2>Who may answer it</h2>
    ${
      callers.length === 0
        ? html`<p>No single call: it belongs to the connection or the address.</p>`
        : html`<ul>
            ${callers.map((caller) => html`<li>${caller}</li>`)}
          </ul>`
    }
    <p>${link('/docs/errors', 'All codes')}</p>`;
}
