import { catalog } from '@loro/contracts/catalog';
import { api, get } from '@loro/contracts/kit/api';
import { contract } from '@loro/contracts/kit/contract';
import { call, live, stream } from '@loro/contracts/kit/live';
import { z } from 'zod';
import { testHub } from '../testing/test-hub';
import { checkContracts } from './boot-checks';
import { routes } from './http/routes';
import { defineModule } from './hub';
import { namespace } from './live/namespace';

const hub = testHub();
const returns = z.object({});
const summary = 'A row';

describe('a route or a call that says of nobody who may use it', () => {
  it('stops the process before anything starts, and is named', () => {
    expect(() => get('/secrets', { returns, summary })).toThrow(
      'GET /secrets declares neither a permission nor why it is public',
    );
    expect(() => call({ input: returns, output: returns, summary: 'Tell all' })).toThrow(/Tell all declares neither/);
  });
});

describe('a hub whose contracts do not hold', () => {
  it('does not start, and lists everything that is wrong at once', () => {
    // As JavaScript would write them, where no compiler looks.
    const words: Record<string, string> = { feature: 'time-travel', flag: 'Not A Flag' };
    const rows = api('/wrong', {
      both: get('/both', { permission: 'branches.read', public: 'why not', returns, summary }),
      demanding: get('/demanding', { public: 'everybody pays', freshSignIn: true, feature: 'leave', returns, summary }),
      unknown: get('/unknown', { permission: 'made.up', errors: ['NO_SUCH_CODE'], returns, summary, ...words }),
    });
    const sockets = live('/wrong', {
      streams: { wrong: stream('log', { permission: 'made.up', summary, ...words }) },
      calls: { 'wrong:do': call({ permission: 'made.up', input: returns, output: returns, summary }) },
      events: {},
    });
    const answer = async () => ({});
    const wrong = defineModule({
      name: 'wrong',
      contract: contract({ name: 'wrong', api: rows, live: sockets }),
      models: [],
      service: () => ({}),
      routes: () => routes(rows, { both: answer, demanding: answer, unknown: answer }),
      live: () =>
        namespace(sockets, { streams: { wrong: { subject: async () => null } }, calls: { 'wrong:do': answer } }),
    });

    const modules = jest.spyOn(hub.hub, 'modules', 'get').mockReturnValue([wrong]);
    const start = () => checkContracts(hub.hub);

    expect(start).toThrow(
      [
        'The contracts do not hold:',
        'wrong.both is public and asks for something all the same: a permission',
        'wrong.demanding is public and asks for something all the same: feature, freshSignIn',
        'wrong.unknown demands the feature time-travel, which no plan holds',
        'wrong.unknown demands the flag Not A Flag, which cannot exist',
        'wrong.unknown needs the permission made.up, which no room declares',
        'wrong.unknown names the unknown error NO_SUCH_CODE',
        'wrong wrong:do needs the permission made.up, which no room declares',
        'the stream wrong demands the feature time-travel, which no plan holds',
        'the stream wrong demands the flag Not A Flag, which cannot exist',
        'the stream wrong needs the unknown permission made.up',
      ].join('\n  '),
    );
    modules.mockRestore();
  });
});

describe('what is open to everybody', () => {
  it('is this list, and nothing else', () => {
    const open = catalog.flatMap(({ api: table }) =>
      Object.values(table?.endpoints ?? {}).flatMap(({ method, path, access }) =>
        'public' in access ? [`${method} ${table?.prefix ?? ''}${path}`] : [],
      ),
    );

    expect(open.toSorted()).toEqual([
      'GET /about/',
      'GET /auth/.well-known/jwks.json',
      'GET /files/:orgId/:documentId',
      'GET /public/documents/:token',
      'GET /tracking/shared/:token',
      'GET /uploads',
      'POST /auth/accept-invite',
      'POST /auth/login',
      'POST /auth/mfa/lost',
      'POST /auth/mfa/lost/confirm',
      'POST /auth/mfa/lost/finish',
      'POST /auth/mfa/verify',
      'POST /auth/password/forgot',
      'POST /auth/password/reset',
      'POST /auth/refresh',
      'POST /auth/signup',
      'POST /auth/signup/password',
      'POST /auth/signup/verify',
      'POST /auth/unlock',
      'POST /auth/verify-email',
      'POST /auth/verify-email/resend',
      'POST /licensing/validate',
      'POST /licensing/webhooks/:provider',
      'POST /public/documents/:token',
    ]);
  });

  it('is no call over a socket: who is connected has signed in', () => {
    const open = catalog.flatMap(({ live: table }) =>
      Object.entries(table?.calls ?? {}).flatMap(([name, { access }]) => ('public' in access ? [name] : [])),
    );

    expect(open).toEqual([]);
  });
});
