// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { authContract } from '@loro/contracts/auth';
import type { branchesContract } from '@loro/contracts/branches';
import type { checkInsContract } from '@loro/contracts/check-ins';
import type { hubContract } from '@loro/contracts/hub';
import type { peopleContract } from '@loro/contracts/people';
import type { reportsContract } from '@loro/contracts/reports';
import type { trackingContract } from '@loro/contracts/tracking';
import type { ModuleTable } from './names';

/** The contract of every module that a client can reach. */
export interface Contracts {
  readonly auth: typeof authContract;
  readonly branches: typeof branchesContract;
  readonly 'check-ins': typeof checkInsContract;
  readonly hub: typeof hubContract;
  readonly people: typeof peopleContract;
  readonly reports: typeof reportsContract;
  readonly tracking: typeof trackingContract;
}

/** What the SDK must know of them at run time. */
export const tables: { readonly [Name in keyof Contracts]: ModuleTable } = {
  auth: {
    prefix: '/auth',
    endpoints: {
      signIn: ['POST', '/login', 'one', { open: true }],
      refresh: ['POST', '/refresh', 'one', { open: true }],
      signOut: ['POST', '/logout', 'none'],
      me: ['GET', '/me', 'one'],
      sessions: ['GET', '/sessions', 'list'],
      endSession: ['DELETE', '/sessions/:sessionId', 'none'],
      keys: ['GET', '/.well-known/jwks.json', 'document', { open: true }],
    },
  },
  branches: {
    prefix: '/branches',
    endpoints: {
      list: ['GET', '/', 'list'],
      get: ['GET', '/:branchId', 'one'],
      create: ['POST', '/', 'one'],
      update: ['PATCH', '/:branchId', 'one'],
    },
    live: {
      namespace: '/notifications',
      streams: {
        user: 'log',
        notices: 'log',
      },
      calls: [],
      events: {
        'branch:created': 'notices',
        'branch:updated': 'notices',
      },
    },
  },
  'check-ins': {
    prefix: '/check-ins',
    endpoints: {
      list: ['GET', '/', 'list'],
      get: ['GET', '/:checkInId', 'one'],
      start: ['POST', '/', 'one'],
      end: ['POST', '/:checkInId/end', 'one'],
    },
    live: {
      namespace: '/check-ins',
      streams: {
        branch: 'log',
      },
      calls: ['check-in:start', 'check-in:end'],
      events: {
        'check-in:started': 'branch',
        'check-in:ended': 'branch',
      },
    },
  },
  hub: {
    prefix: '/about',
    endpoints: {
      about: ['GET', '/', 'one', { open: true }],
    },
  },
  people: {
    prefix: '/people',
    endpoints: {
      organisation: ['GET', '/organisation', 'one'],
      list: ['GET', '/users', 'list'],
      get: ['GET', '/users/:userId', 'one'],
    },
  },
  reports: {
    prefix: '/reports',
    endpoints: {
      request: ['POST', '/runs', 'one'],
      runs: ['GET', '/runs', 'list'],
      run: ['GET', '/runs/:runId', 'one'],
    },
    live: {
      namespace: '/reports',
      streams: {
        requests: 'log',
        progress: 'latest',
      },
      calls: [],
      events: {
        'report:requested': 'requests',
        'report:finished': 'requests',
        'report:failed': 'requests',
        'report:progressed': 'progress',
      },
    },
  },
  tracking: {
    prefix: '/tracking',
    endpoints: {
      report: ['POST', '/fixes', 'one'],
      trackables: ['GET', '/trackables', 'list'],
      trackable: ['GET', '/trackables/:trackableId', 'one'],
      positions: ['GET', '/positions', 'list'],
      track: ['GET', '/trackables/:trackableId/track', 'document'],
    },
    live: {
      namespace: '/tracking',
      streams: {
        fleet: 'latest',
        yard: 'log',
      },
      calls: ['fix:report'],
      events: {
        'fixes:moved': 'fleet',
        'trackable:keyed': 'fleet',
        'trackable:lost': 'yard',
        'trackable:found': 'yard',
        'geofence:entered': 'yard',
        'geofence:exited': 'yard',
      },
    },
  },
};
