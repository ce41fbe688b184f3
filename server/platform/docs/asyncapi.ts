import { catalog as everyRoom } from '@loro/contracts/catalog';
import type { Contract } from '@loro/contracts/kit/contract';
import type { Call, LiveContract, StreamKind } from '@loro/contracts/kit/live';
import { Problem } from '@loro/contracts/kit/problem';
import { controlEvents, PROTOCOL } from '@loro/contracts/kit/session';
import type { z } from 'zod';
import type { JsonSchema } from './json-schema';
import type { DocsOptions } from './openapi';
import { pascal, Shapes } from './shapes';
import { callErrors } from './which-errors';

type Tables = Record<string, Record<string, unknown>>;
interface Draft {
  readonly shapes: Shapes;
  readonly problem: JsonSchema;
  readonly channels: Tables;
  readonly operations: Tables;
  readonly messages: Tables;
}

/** The AsyncAPI 3.0 document of every namespace, seen from the hub: it sends events and receives calls. */
export function asyncApi({ version, serverUrl, catalog = everyRoom }: DocsOptions): JsonSchema {
  const shapes = new Shapes(catalog);
  const problem = shapes.ref(Problem, 'output', 'Problem');
  const draft: Draft = { shapes, problem, channels: {}, operations: {}, messages: {} };
  const { channels, operations, messages } = draft;
  const namespaces = [...new Set(catalog.flatMap(({ live }) => live?.namespace ?? []))].toSorted();

  addSession(draft, namespaces);
  for (const { live } of catalog) if (live !== undefined) addRoom(draft, live);

  const { document, schemas } = shapes.finish({ channels, operations, messages });
  const { protocol, host } = new URL(serverUrl);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Loro Hub live API',
      version,
      description: about(catalog),
    },
    defaultContentType: 'application/json',
    servers: {
      hub: {
        host,
        protocol: protocol === 'https:' ? 'wss' : 'ws',
        description: 'Socket.IO over WebSocket; every namespace of a client shares one connection.',
        security: [{ $ref: '#/components/securitySchemes/token' }],
      },
    },
    channels: document['channels'],
    operations: document['operations'],
    components: {
      messages: document['messages'],
      schemas: { ...schemas, Meta: meta },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: `Sent as \`auth: { token, client, protocol: ${PROTOCOL} }\` of the handshake, never in the address.`,
        },
      },
    },
  };
}

const about = (catalog: readonly Contract[]): string =>
  'A listener receives `(data, meta)`; the meta of an event stands here as its headers. A call is an emit with an ' +
  'acknowledgement, `{ ok: true, data }` or `{ ok: false, error }`. Streams of class `log` are numbered and resumed, ' +
  `of class \`latest\` only the newest value of each key counts. Rooms: ${catalog.map(({ name }) => name).join(', ')}.`;

const meta: JsonSchema = {
  type: 'object',
  properties: {
    stream: { type: 'string', description: 'Name of the stream that it came on.' },
    at: { type: 'string', format: 'date-time' },
    id: { type: 'string' },
    epoch: { type: 'string', description: 'Streams of class `log` only: numbers are compared within one epoch.' },
    n: { type: 'integer', description: 'Streams of class `log` only: counts without a gap.' },
    cause: { type: 'string', description: 'Id of the call that made it, or that asked for the job that made it.' },
    trace: { type: 'string', description: 'W3C `traceparent` of what made it.' },
  },
  required: ['stream', 'at'],
};

/** Keys of AsyncAPI tables take letters, digits, dots and dashes: `/check-ins` + `check-in:started` fits none as it is. */
export const keyOf = (...parts: string[]): string =>
  parts.map((part) => part.replace(/^\//, '').replaceAll(':', '.')).join('.');

function addRoom(draft: Draft, live: LiveContract): void {
  const { namespace } = live;
  for (const [kind, stream] of Object.entries(live.streams)) addStream(draft, namespace, kind, stream);

  for (const [name, { stream: kind, data, summary }] of Object.entries(live.events)) {
    const key = keyOf(namespace, name);
    const payload = draft.shapes.ref(data, 'output', pascal(`${name} data`));
    draft.messages[key] = { name, title: summary, summary, payload, headers: { $ref: '#/components/schemas/Meta' } };
    offer(draft, { channel: keyOf(namespace, kind), key, action: 'send', summary });
  }

  if (Object.keys(live.calls).length === 0) return;
  const channel = keyOf(namespace);
  draft.channels[channel] ??= {
    address: namespace,
    title: `Calls of ${namespace}`,
    messages: {},
    'x-namespace': namespace,
  };
  for (const [name, call] of Object.entries(live.calls)) addCall(draft, channel, name, call);
}

function addStream({ channels }: Draft, namespace: string, kind: string, stream: StreamKind): void {
  channels[keyOf(namespace, kind)] ??= {
    address: `{org}:${kind}:{id}`,
    title: stream.summary,
    parameters: {
      org: { description: 'Id of the organisation.' },
      id: { description: 'Id of the subject: a branch, a person, a thing.' },
    },
    messages: {},
    'x-namespace': namespace,
    'x-class': stream.class,
    'x-permission': stream.permission,
  };
}

function addCall(draft: Draft, channel: string, name: string, call: Call): void {
  const title = pascal(`${channel} ${name}`);
  addExchange(draft, channel, keyOf(channel, name), { name, title, ...call });
  Object.assign(draft.operations[keyOf(channel, name)] ?? {}, {
    ...('permission' in call.access ? { 'x-permission': call.access.permission } : { 'x-public': call.access.public }),
    'x-codes': callErrors(call),
  });
}

interface Exchange {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}

function addExchange(draft: Draft, channel: string, key: string, exchange: Exchange): void {
  const { shapes, messages, problem } = draft;
  const replyKey = `${key}.reply`;
  const payload = shapes.ref(exchange.input, 'input', `${exchange.title}Input`);
  const data = shapes.ref(exchange.output, 'output', `${exchange.title}Reply`);
  messages[key] = { name: exchange.name, title: exchange.summary, summary: exchange.summary, payload };
  messages[replyKey] = {
    name: `${exchange.name} (ack)`,
    title: `Answer to ${exchange.name}`,
    payload: {
      oneOf: [
        {
          type: 'object',
          properties: { ok: { const: true }, data, replayed: { const: true } },
          required: ['ok', 'data'],
        },
        { type: 'object', properties: { ok: { const: false }, error: problem }, required: ['ok', 'error'] },
      ],
    },
  };
  offer(draft, { channel, key, action: 'receive', summary: exchange.summary, replyKey });
}

interface Offer {
  readonly channel: string;
  readonly key: string;
  readonly action: 'send' | 'receive';
  readonly summary: string;
  readonly replyKey?: string;
}

/** Puts a message on a channel and says who sends it. */
function offer({ channels, operations }: Draft, { channel, key, action, summary, replyKey }: Offer): void {
  const ref = (message: string) => ({ $ref: `#/channels/${channel}/messages/${message}` });
  const carried = channels[channel]?.['messages'];
  const added = [key, ...(replyKey === undefined ? [] : [replyKey])];
  Object.assign(
    carried ?? {},
    Object.fromEntries(added.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
  );
  operations[key] = {
    action,
    summary,
    channel: { $ref: `#/channels/${channel}` },
    messages: [ref(key)],
    ...(replyKey === undefined
      ? {}
      : { reply: { channel: { $ref: `#/channels/${channel}` }, messages: [ref(replyKey)] } }),
  };
}

function addSession(draft: Draft, namespaces: string[]): void {
  draft.channels['session'] = {
    address: '{namespace}',
    title: 'Control events of every namespace',
    parameters: { namespace: { description: 'Any namespace of the hub.', enum: namespaces } },
    messages: {},
  };
  for (const [name, schema] of Object.entries(controlEvents.fromServer)) {
    const key = keyOf('session', name);
    const payload = draft.shapes.ref(schema, 'output', pascal(name));
    draft.messages[key] = { name, title: name, payload };
    offer(draft, { channel: 'session', key, action: 'send', summary: `The hub says \`${name}\`` });
  }
  for (const [name, { input, output }] of Object.entries(controlEvents.fromClient)) {
    const exchange = { name, title: pascal(name), summary: `A client says \`${name}\``, input, output };
    addExchange(draft, 'session', keyOf('session', name), exchange);
  }
}
