import { authContract } from '@loro/contracts/auth';
import { defineModule } from '../../platform';
import { authRoutes } from './auth.routes';
import { AuthService } from './auth.service';
import { CredentialModel } from './credential.model';
import { RefreshTokenModel } from './refresh-token.model';
import { SessionModel } from './session.model';

export const auth = defineModule({
  name: 'auth',
  contract: authContract,
  models: [CredentialModel, SessionModel, RefreshTokenModel],
  service: (hub) => new AuthService(hub),
  start: async (service, hub) => {
    await service.keys.start();
    hub.ports.verifyAccessToken = (token) => service.keys.verify(token);
    hub.ports.loadActor = (token) => service.loadActor(token);
  },
  routes: authRoutes,
});
