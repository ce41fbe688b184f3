import { accountSafetyContract } from '@loro/contracts/account-safety';
import { authContract } from '@loro/contracts/auth';
import { impersonationsContract } from '@loro/contracts/auth-impersonation';
import { defineModule } from '../../platform';
import { people } from '../people';
import { ActionTokenModel } from './action-token.model';
import { ApiKeyModel } from './api-key.model';
import { authNamespace, impersonationsNamespace } from './auth.live';
import { accountSafetyRoutes, authRoutes, impersonationsRoutes } from './auth.routes';
import { AuthService } from './auth.service';
import { CredentialModel } from './credential.model';
import { FactorChallengeModel } from './factor-challenge.model';
import { FactorModel } from './factor.model';
import { flowJobs } from './flows.jobs';
import { keyJobs } from './keys.jobs';
import { LoginAttemptModel } from './login-attempt.model';
import { RecoveryCodeModel } from './recovery-code.model';
import { RefreshTokenModel } from './refresh-token.model';
import { SessionModel } from './session.model';
import { SignUpModel } from './sign-up.model';
import { TrustedDeviceModel } from './trusted-device.model';

export const auth = defineModule({
  name: 'auth',
  contract: authContract,
  models: [
    CredentialModel,
    SessionModel,
    RefreshTokenModel,
    FactorModel,
    FactorChallengeModel,
    RecoveryCodeModel,
    TrustedDeviceModel,
    ApiKeyModel,
    ActionTokenModel,
    LoginAttemptModel,
    SignUpModel,
  ],
  service: (hub) => new AuthService(hub),
  start: async (service, hub) => {
    await Promise.all([service.keys.start(), service.passwords.nobodys()]);
    service.callers.start();
    hub.use(people).hook({
      onInviteAll: (invited, after) => service.flows.invitations.mail(invited, after),
      onResend: (invited, after) => service.flows.invitations.mail([invited], after),
      onLeave: ({ orgId, id }) => service.traces.leave(orgId, id),
      onErase: ({ orgId, id }) => service.traces.erase(orgId, id),
      onExport: ({ orgId, id }) => service.traces.export(orgId, id),
      onClose: (organisation) => service.flows.close(organisation),
    });
    hub.ports.verifyAccessToken = (text) => service.verify(text);
    hub.ports.loadActor = (token) => service.loadActor(token);
  },
  routes: authRoutes,
  live: authNamespace,
  jobs: (service) => [...keyJobs(service), ...flowJobs(service)],
});

// Another prefix of the wire, the same room.

export const accountSafety = defineModule({
  name: 'account-safety',
  contract: accountSafetyContract,
  models: [],
  service: (hub) => hub.use(auth),
  routes: accountSafetyRoutes,
});

export const impersonations = defineModule({
  name: 'impersonations',
  contract: impersonationsContract,
  models: [],
  service: (hub) => hub.use(auth),
  routes: impersonationsRoutes,
  live: impersonationsNamespace,
});
