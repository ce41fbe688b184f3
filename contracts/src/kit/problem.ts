import { z } from 'zod';

/** One path of the input that was refused, and why. */
export const FieldError = z.object({ path: z.string(), code: z.string(), message: z.string() });
export type FieldError = z.infer<typeof FieldError>;

/** RFC 9457 problem details: the one error shape of REST answers, socket acks and refused connections. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  requestId: z.string(),
  errors: z.array(FieldError).optional(),
  retryAfterMs: z.number().int().optional(),
  current: z.unknown().optional(),
});
export type Problem = z.infer<typeof Problem>;

/** What the registry knows of an error code; `help` tells a caller what to do about it. */
export interface ErrorDefinition {
  readonly status: number;
  readonly title: string;
  readonly help: string;
}

export const errors = <const E extends Record<string, ErrorDefinition>>(definitions: E): E => definitions;

/** Codes that any call may answer with, whatever its row in the contract says. */
export const commonErrors = errors({
  MALFORMED_JSON: {
    status: 400,
    title: 'Malformed JSON',
    help: 'Send a UTF-8 JSON document, nested at most 32 deep.',
  },
  BAD_QUERY: { status: 400, title: 'Bad query', help: 'Every wrong query parameter is named in `errors`.' },
  UNAUTHENTICATED: {
    status: 401,
    title: 'Not signed in',
    help: 'Send a valid access token: `Authorization: Bearer …`, or `auth.token` of the socket handshake.',
  },
  TOKEN_EXPIRED: { status: 401, title: 'Token expired', help: 'Refresh the access token and send the call again.' },
  SESSION_REVOKED: { status: 401, title: 'Session ended', help: 'Sign in again.' },
  FORBIDDEN: { status: 403, title: 'Not allowed', help: 'Ask an administrator for the permission named in `detail`.' },
  REAUTH_REQUIRED: {
    status: 401,
    title: 'Prove who you are once more',
    help: 'Send the password or a code to `POST /auth/reauth`, then repeat the call with the new token.',
  },
  LICENSE_EXPIRED: {
    status: 402,
    title: 'Licence expired',
    help: 'An owner or administrator of the organisation can renew it; what was stored is kept.',
  },
  LICENSE_SUSPENDED: {
    status: 402,
    title: 'Licence suspended',
    help: 'An owner or administrator of the organisation is told why, and what ends it.',
  },
  LICENSE_REVOKED: { status: 402, title: 'Licence revoked', help: 'Only billing is open. Ask whoever sold it.' },
  LICENSE_NOT_STARTED: { status: 402, title: 'Licence not started', help: '`detail` says when it begins.' },
  FEATURE_NOT_LICENSED: {
    status: 403,
    title: 'Not in your plan',
    help: '`errors` names the feature, `detail` the plans that hold it.',
  },
  FEATURE_DISABLED: {
    status: 403,
    title: 'Switched off',
    help: 'It is not on for you. An administrator sees why at `GET /flags/:key/explain`.',
  },
  ORIGIN_NOT_ALLOWED: {
    status: 403,
    title: 'Origin not allowed',
    help: 'Add the page’s origin to `CORS_ORIGINS` of the hub.',
  },
  ADDRESS_NOT_WELCOME: {
    status: 403,
    title: 'Address not welcome',
    help: 'Come from a network that your organisation lists in `security.ip-allow`.',
  },
  ADDRESS_NOT_ALLOWED: {
    status: 422,
    title: 'Address not allowed',
    help: 'Name a public http or https address. An operator may allow networks by `OUTGOING_PRIVATE`.',
  },
  NOT_FOUND: {
    status: 404,
    title: 'Not found',
    help: 'It does not exist, is gone, or belongs to somebody else’s organisation.',
  },
  UNKNOWN_CALL: { status: 404, title: 'Unknown call', help: 'See `/docs/live` for the calls of each namespace.' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed', help: 'See `/docs` for the methods of this path.' },
  IDEMPOTENCY_IN_PROGRESS: {
    status: 409,
    title: 'Still running',
    help: 'A call with this key is under way. Wait, then repeat it to read its answer.',
  },
  VERSION_CONFLICT: {
    status: 412,
    title: 'Changed meanwhile',
    help: 'Read the thing again (`current` holds it), apply your change to it, send its version in `If-Match`.',
  },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'Too large', help: 'Send at most 64 KiB in one body or packet.' },
  UNSUPPORTED_MEDIA: { status: 415, title: 'Unsupported media type', help: 'Send `application/json`.' },
  VALIDATION_FAILED: {
    status: 422,
    title: 'Validation failed',
    help: 'Every wrong field is named in `errors`, with its path.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'Key used for something else',
    help: 'Make a new ULID for every new command; repeat a key only with the same body.',
  },
  PRECONDITION_REQUIRED: {
    status: 428,
    title: 'Precondition required',
    help: 'Send the version you read, in `If-Match`.',
  },
  RATE_LIMITED: { status: 429, title: 'Too many calls', help: 'Wait `retryAfterMs` before the next call.' },
  TOO_MANY_STREAMS: {
    status: 429,
    title: 'Too many streams',
    help: 'Unsubscribe from what is not on the screen, or open a second connection.',
  },
  INTERNAL: { status: 500, title: 'Internal error', help: 'Our fault. Quote the request id when you report it.' },
  NODE_OVERLOADED: {
    status: 503,
    title: 'Node overloaded',
    help: 'Connect again after `retryAfterMs`; the load balancer has other nodes.',
  },
  SLOW_CONSUMER: {
    status: 503,
    title: 'Not read fast enough',
    help: 'The connection was ended with events waiting. Connect again and resume; follow fewer streams if it repeats.',
  },
  SHUTDOWN: { status: 503, title: 'Node is going', help: 'Connect again after `retryInMs`, and resume.' },
  DEPENDENCY_DOWN: {
    status: 503,
    title: 'Temporarily unavailable',
    help: 'Nothing was written. Repeat the call after `retryAfterMs`.',
  },
});
