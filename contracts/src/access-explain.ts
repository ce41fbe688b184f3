import { z } from 'zod';
import { get, list, PageQuery } from './kit/api';
import { scopes } from './kit/permissions';
import { Id } from './kit/values';

/** What the evaluator asks, in its order. */
export const accessSteps = [
  'row',
  'account',
  'caller',
  'license',
  'feature',
  'flag',
  'permission',
  'fresh-sign-in',
] as const;

export const Explanation = z.object({
  userId: Id,
  /** The row of the catalogue that the question came to; null when there is none. */
  row: z.string().nullable(),
  isAllowed: z.boolean(),
  /** What the person would be answered. */
  code: z.string().nullable(),
  steps: z.array(
    z.object({
      step: z.enum(accessSteps),
      /** `depends`: on the call itself, as a fresh sign-in does. */
      outcome: z.enum(['passed', 'refused', 'not-asked', 'depends']),
      code: z.string().nullable(),
      detail: z.string(),
    }),
  ),
  /** How far the permission reaches for this person; null without it. */
  reach: z.object({ scope: z.enum(scopes), branchIds: z.array(Id) }).nullable(),
});
export type Explanation = z.infer<typeof Explanation>;

/** Either a route (`method` and `path`) or a call of a namespace. */
export const ExplainQuery = z
  .strictObject({
    userId: Id,
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
    path: z.string().startsWith('/').max(300).optional(),
    namespace: z.string().startsWith('/').max(60).optional(),
    call: z.string().min(1).max(80).optional(),
  })
  .refine(
    ({ method, path, namespace, call }) =>
      (method !== undefined && path !== undefined) !== (namespace !== undefined && call !== undefined),
    { error: 'name a method and a path, or a namespace and a call', path: ['path'] },
  );

/** One rule of the catalogue: a route, a call or a kind of stream, and who it is open to by default. */
export const AccessRule = z.object({
  row: z.string(),
  kind: z.enum(['route', 'call', 'stream']),
  room: z.string(),
  summary: z.string(),
  permission: z.string().nullable(),
  /** Why it is public; null when it is not. */
  public: z.string().nullable(),
  feature: z.string().nullable(),
  flag: z.string().nullable(),
  license: z.enum(['any', 'export', 'working']),
  needsFreshSignIn: z.boolean(),
  isOpenToApiKeys: z.boolean(),
  /** Built-in roles that hold the permission, and how far. */
  roles: z.record(z.string(), z.enum(scopes)),
});
export type AccessRule = z.infer<typeof AccessRule>;

/** Rows that answer who may do what, and why. */
export const explainRows = {
  explain: get('/access/explain', {
    permission: 'access.explain',
    query: ExplainQuery,
    returns: Explanation,
    summary: 'Why a person may or may not call something, step by step',
  }),
  matrix: list('/access/matrix', {
    permission: 'access.explain',
    query: PageQuery.extend({ room: z.string().max(40).optional() }),
    returns: AccessRule,
    summary: 'List every route, call and stream with its rule, and the built-in roles that hold it',
  }),
};
