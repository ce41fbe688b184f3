import type { Me, Tokens } from '@loro/contracts/auth';
import type { sessionRows } from '@loro/contracts/auth-sessions';
import type { z } from 'zod';
import {
  type AccessToken,
  type Actor,
  allow,
  API_KEY_PREFIX,
  type Hub,
  NotFound,
  type PublicRequest,
  Unauthenticated,
} from '../../platform';
import { access } from '../access';
import { people } from '../people';
import { ApiKeys } from './api-keys.service';
import { AttemptLimit } from './attempt-limit';
import { cookies, forgetRefresh, intoCookie } from './cookies';
import { FactorRecoveries } from './factor-recoveries.store';
import { Factors } from './factors.service';
import { Flows } from './flows.service';
import { Impersonations } from './impersonations.service';
import { LicenseGate } from './license-gate';
import { Passwords } from './passwords';
import { Reauth } from './reauth.service';
import { Refresh } from './refresh.service';
import { SecondStep } from './second-step.service';
import { SecurityAlerts } from './security-alerts';
import { SecurityRules } from './security-rules';
import { ServiceCallers } from './service-callers';
import { Sessions } from './sessions.service';
import { SigningKeys } from './signing-keys';
import { Sweep } from './sweep.service';
import { Traces } from './traces.service';
import { TrustedDevices } from './trusted-devices.service';

export class AuthService {
  readonly keys: SigningKeys;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly alerts: SecurityAlerts;
  readonly factors: Factors;
  readonly devices: TrustedDevices;
  readonly secondStep: SecondStep;
  readonly reauth: Reauth;
  readonly apiKeys: ApiKeys;
  readonly callers: ServiceCallers;
  readonly sweep: Sweep;
  readonly traces: Traces;
  readonly flows: Flows;
  readonly impersonations: Impersonations;
  private readonly refreshes: Refresh;

  constructor(private readonly hub: Hub) {
    const rules = new SecurityRules(hub);
    const license = new LicenseGate(hub);
    this.keys = new SigningKeys(hub);
    this.alerts = new SecurityAlerts(hub);
    this.factors = new Factors(hub, rules, this.alerts);
    this.sessions = new Sessions(hub, {
      rules,
      keys: this.keys,
      alerts: this.alerts,
      license,
      restrictionOf: async (orgId, userId) => {
        const lapsed = await license.narrowed(orgId, userId);
        if (lapsed.only === 'offline-upload') return lapsed;
        const only = await this.factors.restrictionOf(orgId, userId);
        return only ? { only } : lapsed;
      },
    });
    this.passwords = new Passwords((text) => hub.secrets.hmac('pepper', text), hub.config.BCRYPT_COST);
    this.devices = new TrustedDevices(hub);
    const { sessions, factors, devices, passwords } = this;
    const recoveries = new FactorRecoveries(hub);
    this.secondStep = new SecondStep(hub, { sessions, factors, devices, recoveries });
    this.reauth = new Reauth(hub, { sessions, factors, passwords });
    const guesses = { prefix: hub.config.REDIS_PREFIX, name: 'refresh-address', points: 20, perSec: 60 };
    this.refreshes = new Refresh(hub, sessions, new AttemptLimit(hub.redis, guesses));
    this.apiKeys = new ApiKeys(hub, rules);
    this.callers = new ServiceCallers(hub);
    this.sweep = new Sweep(hub, sessions);
    const { secondStep, alerts } = this;
    this.flows = new Flows(hub, { rules, passwords, sessions, factors, devices, secondStep, alerts, recoveries });
    this.impersonations = new Impersonations(hub, { sessions, alerts });
    const { flows } = this;
    this.traces = new Traces(hub, { sessions, factors, devices, flows });
  }

  async refresh(input: z.output<typeof sessionRows.refresh.body>, request: PublicRequest): Promise<Tokens> {
    const fromCookie = input.refreshToken === undefined ? cookies.refresh(request) : undefined;
    const token = input.refreshToken ?? fromCookie;
    if (token === undefined) throw new Unauthenticated('REFRESH_INVALID', 'There is no refresh token.');
    const deviceId = input.deviceId ?? (fromCookie === undefined ? undefined : cookies.device(request));
    const issued = await this.refreshes.trade(token, { deviceId, ip: request.ip });
    return fromCookie === undefined ? issued : intoCookie(issued, request);
  }

  async signOut(actor: Actor, request: PublicRequest): Promise<void> {
    await this.sessions.end(actor, actor.sessionId);
    forgetRefresh(request);
  }

  async me(actor: Actor): Promise<Me> {
    allow(actor, 'account.secure', { userId: actor.userId });
    const [user, organisation] = await Promise.all([
      this.hub.use(people).byId(actor.orgId, actor.userId),
      this.hub.use(people).organisationOf(actor.orgId),
    ]);
    return {
      user,
      organisation,
      roles: [...actor.roles],
      grants: this.grantsOf(actor),
      sessionId: actor.sessionId,
      actedBy: await this.impersonations.actedBy(actor),
    };
  }

  grantsOf({ grants }: Actor): Me['grants'] {
    return [...grants].map(([permission, { scope, branchIds }]) => ({ permission, scope, branchIds: [...branchIds] }));
  }

  async setPassword(orgId: string, userId: string, passwordHash: string): Promise<void> {
    await this.flows.credentials.set(orgId, userId, passwordHash);
  }

  /** What a caller is let in by: an access token or an API key. @throws Unauthenticated */
  verify(text: string): Promise<AccessToken> {
    return text.startsWith(API_KEY_PREFIX) ? this.callers.verify(text) : this.keys.verify(text);
  }

  /** Who a verified token stands for, now. @throws Unauthenticated for a person or a session that is no more */
  async loadActor(token: AccessToken): Promise<Actor> {
    if (token.apiKey) return this.callers.actorOf(token);
    const impersonatorId = await this.sessions.mustLive(token.orgId, token.sessionId);
    const user = await this.hub
      .use(people)
      .byId(token.orgId, token.userId)
      .catch((error: unknown) => {
        throw error instanceof NotFound
          ? new Unauthenticated('UNAUTHENTICATED', 'The access token is not valid.')
          : error;
      });
    const organisation = await this.hub.use(people).organisationOf(token.orgId);
    if (!this.hub.use(people).maySignIn(user, organisation))
      throw new Unauthenticated('SESSION_REVOKED', 'This account may not be used.');
    const actor = {
      ...(await this.hub.use(access).actorOf(user, token)),
      ...(impersonatorId !== null && { impersonatorId }),
    };
    return token.only === 'enrolment' ? { ...actor, grants: onlyEnrolment(actor.grants) } : actor;
  }
}

/** Somebody whose role needs a second factor can do what it takes to get one, on REST and on sockets alike. */
const onlyEnrolment = (grants: Actor['grants']): Actor['grants'] =>
  new Map([...grants].filter(([permission]) => permission === 'account.secure'));
