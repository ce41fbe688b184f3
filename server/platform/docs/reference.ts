import type { Access, Endpoint } from '@loro/contracts/kit/api';
import type { Contract } from '@loro/contracts/kit/contract';
import type { JobContract } from '@loro/contracts/kit/job';
import type { Call, EventDefinition, LiveContract } from '@loro/contracts/kit/live';
import { controlEvents } from '@loro/contracts/kit/session';
import { anchor, codes, fields, html, link, type Markup, prose } from './html';
import { jsonSchema } from './json-schema';
import { pathOf } from './openapi';
import { callErrors, endpointErrors } from './which-errors';

const entries = <T>(table: Readonly<Record<string, T>> | undefined): [string, T][] => Object.entries(table ?? {});

const accessLine = (access: Access): Markup =>
  'permission' in access
    ? html`<dt>Permission</dt>
        <dd><code>${access.permission}</code></dd>`
    : html`<dt>Public</dt>
        <dd>${access.public}</dd>`;

const contents = (names: readonly string[]): Markup =>
  html`<p>${names.map((name, index) => [index === 0 ? '' : ' · ', link(`#${anchor(name)}`, name)])}</p>`;

/** Every endpoint, by room. */
export function restReference(catalog: readonly Contract[]): Markup {
  const rooms = catalog.filter(({ api }) => entries(api?.endpoints).length > 0);
  return html`<p>The same as a document for tools: ${link('/docs/openapi.json', 'openapi.json')}.</p>
    ${contents(rooms.map(({ name }) => name))}
    ${rooms.map(
      (room) =>
        html`<section>
          <h2 id="${anchor(room.name)}">${room.name}</h2>
          ${endpointsOf(room)}
        </section>`,
    )}`;
}

const endpointsOf = ({ name: room, api }: Contract): Markup[] =>
  entries(api?.endpoints).map(([name, endpoint]) => endpointEntry(`${room}.${name}`, api?.prefix ?? '', endpoint));

function endpointEntry(id: string, prefix: string, endpoint: Endpoint): Markup {
  const { method, access, query, body, returns, kind, status, summary, versioned } = endpoint;
  return html`<article>
    <h3 id="${anchor(id)}"><code>${method} ${pathOf(prefix, endpoint)}</code></h3>
    <p>${prose(summary)}</p>
    <dl>
      ${accessLine(access)}
      <dt>Answers</dt>
      <dd>${status}${kind === 'list' ? ', a list' : ''}</dd>
      ${
        versioned
          ? html`<dt>Needs</dt>
              <dd><code>If-Match</code></dd>`
          : ''
      }
      <dt>Refusals</dt>
      <dd>${codes(endpointErrors(endpoint))}</dd>
    </dl>
    ${query === undefined ? '' : fields('Query', jsonSchema(query, 'input'))}
    ${body === undefined ? '' : fields('Body', jsonSchema(body, 'input'))}
    ${returns === undefined ? '' : fields(kind === 'list' ? 'Each row' : 'Answer', jsonSchema(returns, 'output'))}
  </article>`;
}

/** Every stream, event and call, by namespace, and the control events that all of them share. */
export function liveReference(catalog: readonly Contract[]): Markup {
  const tables = catalog.flatMap(({ live }) => live ?? []);
  const namespaces = [...new Set(tables.map(({ namespace }) => namespace))].toSorted();
  return html`<p>
      The same as a document for tools: ${link('/docs/asyncapi.json', 'asyncapi.json')}. A listener receives
      <code>(data, meta)</code>; a call is answered with <code>{ ok, data }</code> or <code>{ ok, error }</code>.
    </p>
    ${contents([...namespaces, 'Session'])}
    ${namespaces.map((name) =>
      namespaceSection(
        name,
        tables.filter((table) => table.namespace === name),
      ),
    )}
    <section>
      <h2 id="Session">Session</h2>
      <p>Spoken on every namespace.</p>
      ${entries(controlEvents.fromServer).map(
        ([name, schema]) =>
          html`<article>
            <h3 id="${anchor(name)}"><code>${name}</code></h3>
            <p>The hub says it.</p>
            ${fields('Payload', jsonSchema(schema, 'output'))}
          </article>`,
      )}
      ${entries(controlEvents.fromClient).map(
        ([name, { input, output }]) =>
          html`<article>
            <h3 id="${anchor(name)}"><code>${name}</code></h3>
            <p>A client says it.</p>
            ${fields('Input', jsonSchema(input, 'input'))}${fields('Answer', jsonSchema(output, 'output'))}
          </article>`,
      )}
    </section>`;
}

function namespaceSection(namespace: string, tables: readonly LiveContract[]): Markup {
  const streams = new Map(tables.flatMap((table) => entries(table.streams)));
  return html`<section>
    <h2 id="${anchor(namespace)}">${namespace}</h2>
    <dl>
      ${[...streams].map(
        ([kind, stream]) =>
          html`<dt><code>‹org›:${kind}:‹id›</code></dt>
            <dd>
              ${prose(stream.summary)}. Class <code>${stream.class}</code>, permission <code>${stream.permission}</code>
            </dd>`,
      )}
    </dl>
    ${tables.flatMap((table) => entries(table.events)).map(([name, event]) => eventEntry(namespace, name, event))}
    ${tables.flatMap((table) => entries(table.calls)).map(([name, call]) => callEntry(namespace, name, call))}
  </section>`;
}

const eventEntry = (namespace: string, name: string, { stream, data, summary }: EventDefinition): Markup =>
  html`<article>
    <h3 id="${anchor(`${namespace} ${name}`)}"><code>${name}</code></h3>
    <p>${prose(summary)}</p>
    <dl>
      <dt>Stream</dt>
      <dd><code>${stream}</code></dd>
    </dl>
    ${fields('Data', jsonSchema(data, 'output'))}
  </article>`;

const callEntry = (namespace: string, name: string, call: Call): Markup =>
  html`<article>
    <h3 id="${anchor(`${namespace} ${name}`)}"><code>${name}</code> (call)</h3>
    <p>${prose(call.summary)}</p>
    <dl>
      ${accessLine(call.access)}
      <dt>Refusals</dt>
      <dd>${codes(callErrors(call))}</dd>
    </dl>
    ${fields('Input', jsonSchema(call.input, 'input'))} ${fields('Answer', jsonSchema(call.output, 'output'))}
  </article>`;

/** Every job, by room. */
export function jobsReference(catalog: readonly Contract[]): Markup {
  const rooms = catalog.filter(({ jobs }) => (jobs?.length ?? 0) > 0);
  return html`<p>Work that leaves with a transaction and is carried out by a worker, at least once.</p>
    ${rooms.map(
      ({ name, jobs }) =>
        html`<section>
          <h2 id="${anchor(name)}">${name}</h2>
          ${(jobs ?? []).map(jobEntry)}
        </section>`,
    )}`;
}

const jobEntry = ({ name, payload, summary, attempts }: JobContract): Markup =>
  html`<article>
    <h3 id="${anchor(name)}"><code>${name}</code></h3>
    <p>${prose(summary)}</p>
    <dl>
      <dt>Attempts</dt>
      <dd>at most ${attempts}</dd>
    </dl>
    ${fields('Payload', jsonSchema(payload, 'output'))}
  </article>`;

/** Links to every endpoint and call that may answer with the code. */
export function answeredBy(code: string, catalog: readonly Contract[]): Markup[] {
  const overHttp = catalog.flatMap(({ name: room, api }) =>
    entries(api?.endpoints)
      .filter(([, endpoint]) => endpointErrors(endpoint).includes(code))
      .map(([name, endpoint]) =>
        link(`/docs/rest#${anchor(`${room}.${name}`)}`, `${endpoint.method} ${pathOf(api?.prefix ?? '', endpoint)}`),
      ),
  );
  const overSockets = catalog.flatMap(({ live }) =>
    entries(live?.calls)
      .filter(([, call]) => callErrors(call).includes(code))
      .map(([name]) => link(`/docs/live#${anchor(`${live?.namespace} ${name}`)}`, `${live?.namespace} ${name}`)),
  );
  return [...overHttp, ...overSockets];
}
