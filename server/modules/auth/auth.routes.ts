import { authApi } from '@loro/contracts/auth';
import { routes } from '../../platform';
import type { AuthService } from './auth.service';

export const authRoutes = (auth: AuthService) =>
  routes(authApi, {
    signIn: (request) => auth.signIn(request.body, request),
    refresh: (request) => auth.refresh(request.body.refreshToken, request),
    signOut: (request) => auth.signOut(request.actor, request),
    me: ({ actor }) => auth.me(actor),
    sessions: ({ actor, query }) => auth.sessions.list(actor, query),
    endSession: ({ actor, params }) => auth.sessions.end(actor, params.sessionId),
    keys: async () => ({ keys: auth.keys.publicKeys() }),
  });
