import { catalog as everyRoom, errorRegistry } from '@loro/contracts/catalog';
import { type Endpoint, StreamPosition } from '@loro/contracts/kit/api';
import type { Contract } from '@loro/contracts/kit/contract';
import { type ErrorDefinition, Problem } from '@loro/contracts/kit/problem';
import { z } from 'zod';
import { isRecord, type JsonSchema, jsonSchema } from './json-schema';
import { pascal, Shapes } from './shapes';
import { endpointErrors } from './which-errors';

export const API_BASE = '/api/v1';

export interface DocsOptions {
  readonly version: string;
  /** Where the hub is reached, without a slash at its end. */
  readonly serverUrl: string;
  readonly catalog?: readonly Contract[];
  readonly errors?: Readonly<Record<string, ErrorDefinition>>;
}

/** `/trackables/:trackableId` of `/tracking` → `/api/v1/tracking/trackables/{trackableId}`. */
export const pathOf = (prefix: string, endpoint: Pick<Endpoint, 'path'>): string =>
  `${API_BASE}${prefix}${endpoint.path === '/' ? '' : endpoint.path}`.replaceAll(/:(\w+)/g, '{$1}');

/** The OpenAPI 3.1 document of every REST endpoint. */
export function openApi({ version, serverUrl, catalog = everyRoom, errors = errorRegistry }: DocsOptions): JsonSchema {
  const shapes = new Shapes(catalog);
  const problem = shapes.ref(Problem, 'output', 'Problem');
  const streamPosition = shapes.ref(StreamPosition, 'output', 'StreamPosition');
  const paths: Record<string, Record<string, unknown>> = {};

  for (const room of catalog) {
    const { prefix = '', endpoints = {} } = room.api ?? {};
    for (const [name, endpoint] of Object.entries(endpoints)) {
      const path = (paths[pathOf(prefix, endpoint)] ??= {});
      path[endpoint.method.toLowerCase()] = operation({
        room,
        name,
        endpoint,
        shapes,
        errors,
        problem,
        streamPosition,
      });
    }
  }

  const { document, schemas } = shapes.finish({ problem, paths });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Loro Hub REST API',
      version,
      description:
        'One thing is answered as `{ "data": … }`, a list as `{ "data": […], "page": … }`, a refusal as a problem ' +
        'document (RFC 9457). Generated from the contracts that the hub itself validates with.',
    },
    servers: [{ url: serverUrl }],
    security: [{ bearer: [] }],
    tags: catalog.filter(({ api }) => api !== undefined).map(({ name }) => ({ name })),
    paths: document['paths'],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An access token of `POST /api/v1/auth/login`.' },
      },
      schemas,
      parameters: {
        IdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          description: 'A ULID for this command. Repeating it with the same body replays the first answer.',
          schema: { type: 'string', minLength: 1, maxLength: 64 },
        },
        IfMatch: {
          name: 'If-Match',
          in: 'header',
          required: true,
          description: 'The `ETag` that was read, or `*` to overwrite whatever stands there.',
          schema: { type: 'string' },
        },
      },
      headers: {
        ETag: { description: 'The version in quotes; send it back in `If-Match`.', schema: { type: 'string' } },
        Location: { description: 'Where the new thing is read.', schema: { type: 'string', format: 'uri-reference' } },
        IdempotentReplay: {
          description: '`true` when this is the stored answer of an earlier call with the same key.',
          schema: { type: 'string', enum: ['true'] },
        },
        RetryAfter: { description: 'Seconds to wait before the next try.', schema: { type: 'integer' } },
      },
    },
  };
}

interface Row {
  readonly room: Contract;
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly shapes: Shapes;
  readonly errors: Readonly<Record<string, ErrorDefinition>>;
  readonly problem: JsonSchema;
  readonly streamPosition: JsonSchema;
}

function operation(row: Row): JsonSchema {
  const { room, name, endpoint, shapes } = row;
  const { access, body } = endpoint;
  return {
    operationId: `${room.name}.${name}`,
    tags: [room.name],
    summary: endpoint.summary,
    ...('permission' in access
      ? { 'x-permission': access.permission, description: `Needs the permission \`${access.permission}\`.` }
      : { security: [], 'x-public': access.public, description: `Public: ${access.public}.` }),
    parameters: parametersOf(endpoint),
    ...(endpoint.bytes !== undefined && {
      requestBody: { required: true, content: { [endpoint.bytes]: { schema: { type: 'string', format: 'binary' } } } },
    }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: !body.safeParse({}).success,
            content: {
              [endpoint.multipart ? 'multipart/form-data' : 'application/json']: {
                schema: shapes.ref(body, 'input', `${pascal(`${room.name} ${name}`)}Body`),
              },
            },
          },
        }),
    responses: { [endpoint.status]: answerOf(row), ...feedAnswersOf(endpoint), ...refusalsOf(row) },
  };
}

function parametersOf(endpoint: Endpoint): JsonSchema[] {
  const fromPath = [...endpoint.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const query = endpoint.query === undefined ? {} : jsonSchema(endpoint.query, 'input');
  const required = Array.isArray(query['required']) ? query['required'] : [];
  const fromQuery = Object.entries(isRecord(query['properties']) ? query['properties'] : {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
  return [
    ...fromPath,
    ...fromQuery,
    ...(endpoint.method === 'POST' ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
    ...(endpoint.versioned ? [{ $ref: '#/components/parameters/IfMatch' }] : []),
  ];
}

function answerOf({ room, name, endpoint, shapes, streamPosition }: Row): JsonSchema {
  const { kind, returns, status, method } = endpoint;
  const description = status === 202 ? 'Accepted; a worker carries it out' : 'Done';
  if (kind === 'none' || returns === undefined) return { description };

  const shape = shapes.ref(returns, 'output', pascal(`${room.name} ${name}`));
  const headers = {
    ...(kind === 'one' && isVersioned(returns) ? { ETag: header('ETag') } : {}),
    ...(status === 201 ? { Location: header('Location') } : {}),
    ...(method === 'POST' ? { 'Idempotent-Replay': header('IdempotentReplay') } : {}),
    ...ownHeadersOf(endpoint),
  };
  return {
    description,
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    content: {
      'application/json': { schema: enveloped(kind, shape, streamPosition) },
      ...(kind === 'feed' ? { 'text/event-stream': { schema: { type: 'string' } } } : {}),
    },
  };
}

const ownHeadersOf = ({ headers = {} }: Endpoint): Record<string, JsonSchema> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );

/** A feed also answers without a body: nothing came, or the caller has it already. */
function feedAnswersOf(endpoint: Endpoint): Record<string, JsonSchema> {
  if (endpoint.kind !== 'feed') return {};
  return {
    204: { description: 'Nothing came while the hub waited', headers: ownHeadersOf(endpoint) },
    304: { description: 'The caller named this part in `If-None-Match`' },
  };
}

function enveloped(kind: Endpoint['kind'], shape: JsonSchema, streamPosition: JsonSchema): JsonSchema {
  if (kind === 'document' || kind === 'feed') return shape;
  if (kind === 'one') return { type: 'object', properties: { data: shape }, required: ['data'] };
  return {
    type: 'object',
    properties: {
      data: { type: 'array', items: shape },
      page: {
        type: 'object',
        properties: {
          nextCursor: {
            type: ['string', 'null'],
            description: 'Send it as `cursor` for the next page; null at the end.',
          },
          limit: { type: 'integer' },
        },
        required: ['nextCursor', 'limit'],
      },
      streams: {
        type: 'array',
        items: streamPosition,
        description: 'Where the live streams of these rows stood when they were read: subscribe from there.',
      },
    },
    required: ['data', 'page'],
  };
}

function refusalsOf({ endpoint, errors, problem }: Row): Record<string, JsonSchema> {
  const byStatus = new Map<number, string[]>();
  for (const code of endpointErrors(endpoint)) {
    const status = errors[code]?.status ?? 500;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const refusal = (status: number, codes: string[]) => ({
    description: codes.map((code) => `\`${code}\` ${errors[code]?.title ?? ''}`.trim()).join('; '),
    ...(status === 429 || status === 503 ? { headers: { 'Retry-After': header('RetryAfter') } } : {}),
    'x-codes': codes,
    content: { 'application/problem+json': { schema: problem } },
  });
  return Object.fromEntries([...byStatus].map(([status, codes]) => [String(status), refusal(status, codes)]));
}

const header = (name: string): JsonSchema => ({ $ref: `#/components/headers/${name}` });

const isVersioned = (schema: z.ZodType): boolean => schema instanceof z.ZodObject && 'version' in schema.shape;
