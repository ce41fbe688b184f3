import type { Endpoint } from '@loro/contracts/kit/api';
import type { Call } from '@loro/contracts/kit/live';
import { commonErrors } from '@loro/contracts/kit/problem';

const isPublic = (row: Pick<Endpoint, 'access'>) => 'public' in row.access;
const hasBody = (endpoint: Endpoint) => endpoint.body !== undefined;
const isPost = (endpoint: Endpoint) => endpoint.method === 'POST';

type Row = Pick<Endpoint, 'access' | 'demands'>;
const needsLicense = (row: Row) => !isPublic(row) && row.demands.license !== 'any';

/** What the evaluator answers, of routes and calls alike. */
const refusals: Record<string, (row: Row) => boolean> = {
  REAUTH_REQUIRED: ({ demands }) => demands.freshSignIn === true,
  LICENSE_EXPIRED: needsLicense,
  LICENSE_SUSPENDED: needsLicense,
  LICENSE_REVOKED: needsLicense,
  LICENSE_NOT_STARTED: needsLicense,
  FEATURE_NOT_LICENSED: ({ demands }) => demands.feature !== undefined,
  FEATURE_DISABLED: ({ demands }) => demands.flag !== undefined,
};

// A common code that is not named here may be answered by every endpoint.
const onlyWhen: Record<string, (endpoint: Endpoint) => boolean> = {
  ...refusals,
  MALFORMED_JSON: hasBody,
  PAYLOAD_TOO_LARGE: hasBody,
  UNSUPPORTED_MEDIA: hasBody,
  VALIDATION_FAILED: hasBody,
  BAD_QUERY: (endpoint) => endpoint.query !== undefined,
  UNAUTHENTICATED: (endpoint) => !isPublic(endpoint),
  TOKEN_EXPIRED: (endpoint) => !isPublic(endpoint),
  SESSION_REVOKED: (endpoint) => !isPublic(endpoint),
  FORBIDDEN: (endpoint) => !isPublic(endpoint),
  NOT_FOUND: (endpoint) => endpoint.path.includes(':') || (hasBody(endpoint) && !isPublic(endpoint)),
  UNKNOWN_CALL: () => false,
  METHOD_NOT_ALLOWED: () => false,
  IDEMPOTENCY_IN_PROGRESS: isPost,
  IDEMPOTENCY_KEY_REUSED: isPost,
  VERSION_CONFLICT: (endpoint) => endpoint.versioned,
  PRECONDITION_REQUIRED: (endpoint) => endpoint.versioned,
};

/** Codes that this endpoint may answer with: its own, and the common ones that can happen to it. */
export const endpointErrors = (endpoint: Endpoint): string[] => [
  ...endpoint.errors,
  ...Object.keys(commonErrors).filter((code) => onlyWhen[code]?.(endpoint) ?? true),
];

// These belong to HTTP's own ways; an ack never carries them.
const HTTP_ONLY = new Set([
  'MALFORMED_JSON',
  'BAD_QUERY',
  'METHOD_NOT_ALLOWED',
  'ORIGIN_NOT_ALLOWED',
  'UNSUPPORTED_MEDIA',
  'VERSION_CONFLICT',
  'PRECONDITION_REQUIRED',
  'UNKNOWN_CALL',
]);

/** Codes that this socket call may be refused with. */
export const callErrors = (call: Call): string[] => [
  ...call.errors,
  ...Object.keys(commonErrors).filter((code) => !HTTP_ONLY.has(code) && (refusals[code]?.(call) ?? true)),
];
