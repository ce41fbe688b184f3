import { accountSafetyApi } from '@loro/contracts/account-safety';
import { authApi } from '@loro/contracts/auth';
import { impersonationsApi } from '@loro/contracts/auth-impersonation';
import { routes } from '../../platform';
import type { AuthService } from './auth.service';

export const authRoutes = (auth: AuthService) =>
  routes(authApi, {
    signIn: (request) => auth.flows.signIns.signIn(request.body, request),
    refresh: (request) => auth.refresh(request.body, request),
    signOut: (request) => auth.signOut(request.actor, request),
    me: ({ actor }) => auth.me(actor),
    sessions: ({ actor, query }) => auth.sessions.list(actor, query),
    endSession: ({ actor, params }) => auth.sessions.end(actor, params.sessionId),
    endOtherSessions: ({ actor }) => auth.sessions.endOthers(actor),
    reauth: ({ actor, body }) => auth.reauth.prove(actor, body),
    permissions: async ({ actor }) => ({ grants: auth.grantsOf(actor) }),
    keys: async () => ({ keys: await auth.keys.publicKeys() }),

    verifyFactor: (request) => auth.secondStep.verify(request.body, request),
    lostFactor: ({ body }) => auth.flows.factorRecovery.ask(body.challengeId),
    confirmLostFactor: ({ body }) => auth.flows.factorRecovery.confirm(body.token),
    finishLostFactor: (request) => auth.flows.factorRecovery.finish(request.body.challengeId, request),
    cancelLostFactor: ({ actor }) => auth.flows.factorRecovery.cancel(actor),
    factors: ({ actor }) => auth.factors.list(actor),
    setUpTotp: ({ actor, body }) => auth.factors.setUp(actor, body),
    confirmTotp: ({ actor, body }) => auth.factors.confirm(actor, body),
    removeFactor: ({ actor, params, body }) => auth.factors.remove(actor, params.factorId, body.code),
    makeRecoveryCodes: ({ actor }) => auth.factors.codes.make(actor),
    trustedDevices: ({ actor, query }) => auth.devices.list(actor, query),
    forgetDevice: ({ actor, params }) => auth.devices.forget(actor, params.deviceId),
    forgetDevices: ({ actor }) => auth.devices.forgetAll(actor.orgId, actor.userId),

    apiKeys: ({ actor, query }) => auth.apiKeys.list(actor, query),
    apiKey: ({ actor, params }) => auth.apiKeys.get(actor, params.apiKeyId),
    makeApiKey: ({ actor, body }) => auth.apiKeys.make(actor, body),
    changeApiKey: ({ actor, params, ifMatch, body }) => auth.apiKeys.change(actor, params.apiKeyId, ifMatch, body),
    revokeApiKey: ({ actor, params }) => auth.apiKeys.revoke(actor, params.apiKeyId),

    signUp: (request) => auth.flows.signUp(request.body.email, request),
    verifySignUp: ({ body }) => auth.flows.signUps.verify(body.token),
    setUp: (request) => auth.flows.signUps.setUp(request.body, request),
    verifyEmail: ({ body }) => auth.flows.ownAccount.verifyEmail(body.token),
    resendVerification: (request) => auth.flows.resend(request.body.email, request),
    forgotPassword: (request) => auth.flows.forgotPassword(request.body.email, request),
    resetPassword: ({ body }) => auth.flows.recovery.reset(body),
    changePassword: ({ actor, body }) => auth.flows.ownAccount.changePassword(actor, body),
    unlock: ({ body }) => auth.flows.recovery.unlock(body.token),
    changeEmail: ({ actor, body }) => auth.flows.changeEmail(actor, body.email),
    acceptInvite: (request) => auth.flows.invitations.accept(request.body, request),
    invite: ({ actor, body }) => auth.flows.invitations.invite(actor, body),
    withdrawInvite: ({ actor, params }) => auth.flows.invitations.withdraw(actor, params.userId),
    organisations: ({ actor }) => auth.flows.switching.organisations(actor),
    switchOrganisation: (request) => auth.flows.switching.switch(request.actor, request.body, request),
    attempts: ({ actor, query }) => auth.flows.attempts.list(actor, query),
  });

export const accountSafetyRoutes = (auth: AuthService) =>
  routes(accountSafetyApi, {
    endSessions: ({ actor, params }) => auth.sessions.endOf(actor, params.userId),
    resetFactors: ({ actor, params }) => auth.flows.factorRecovery.resetOf(actor, params.userId),
    stopRecovery: ({ actor, params }) => auth.flows.factorRecovery.stopOf(actor, params.userId),
    unlock: ({ actor, params }) => auth.flows.recovery.unlockOf(actor, params.userId),
    forceReset: ({ actor, params }) => auth.flows.recovery.forceReset(actor, params.userId),
  });

export const impersonationsRoutes = ({ impersonations }: AuthService) =>
  routes(impersonationsApi, {
    ask: ({ actor, params, body }) => impersonations.ask(actor, params.userId, body),
    list: ({ actor, query }) => impersonations.list(actor, query),
    get: ({ actor, params }) => impersonations.get(actor, params.impersonationId),
    grant: ({ actor, params }) => impersonations.answer(actor, params.impersonationId, true),
    refuse: ({ actor, params }) => impersonations.answer(actor, params.impersonationId, false),
    enter: (request) => impersonations.enter(request.actor, request.params.impersonationId, request),
    end: ({ actor, params }) => impersonations.end(actor, params.impersonationId),
  });
