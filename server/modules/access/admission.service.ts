import type { Permission } from '@loro/contracts/catalog';
import type { Demands } from '@loro/contracts/kit/demands';
import type { Feature } from '@loro/contracts/kit/features';
import { type AccessToken, type Actor, Forbidden, type Hub, HubError } from '../../platform';
import { configuration } from '../configuration';
import { type Question, refusalOf, type Standing, works } from './admission.policy';
import type { Standings } from './standings';

/** Holding a connection is for people and keys, and for whoever still has to enrol a second factor. */
const CONNECTING: Demands = { apiKey: true, only: ['enrolment', 'billing'] };
const CONNECTING_TO_PAY: Demands = { ...CONNECTING, license: 'any' };
/** Who pays may come in when nobody else may. */
const PAYING: Permission = 'license.buy';

/** The one evaluator: whether somebody may call a row, on REST, over sockets and in jobs alike. */
export class Admission {
  constructor(
    private readonly hub: Hub,
    private readonly standings: Standings,
  ) {}

  /** Answers at once where the licence is known and no flag is asked for. @throws HubError 401, 402 or 403 */
  admit(actor: Actor, token: AccessToken, demands: Demands, permission?: Permission): void | Promise<void> {
    const license = this.standings.now(actor.orgId);
    if (!license || demands.flag !== undefined) return this.admitLater(actor, token, demands, permission);
    refuse({ actor, token, demands, permission, license, isFlagOn: false, now: this.hub.now().getTime() });
  }

  /** @throws HubError 402 or 403 */
  connect(actor: Actor, token: AccessToken): void | Promise<void> {
    return this.admit(actor, token, actor.grants.has(PAYING) ? CONNECTING_TO_PAY : CONNECTING);
  }

  async entitled(orgId: string, feature: Feature): Promise<boolean> {
    const standing = await this.standings.of(orgId);
    return works(standing) && standing.features.has(feature);
  }

  /** Said on every answer while the licence is in its grace. */
  notice(orgId: string): string | undefined {
    const standing = this.standings.now(orgId);
    return standing?.state === 'grace' ? noticeOf(standing) : undefined;
  }

  /** Everything that the answer depends on. */
  async question(
    actor: Actor,
    token: AccessToken,
    demands: Demands,
    permission: Permission | undefined,
  ): Promise<Question> {
    const license = await this.standings.of(actor.orgId);
    return {
      actor,
      token,
      demands,
      permission,
      license,
      isFlagOn: demands.flag !== undefined && (await this.isOn(actor, demands.flag)),
      now: this.hub.now().getTime(),
    };
  }

  private async admitLater(actor: Actor, token: AccessToken, demands: Demands, permission: Permission | undefined) {
    refuse(await this.question(actor, token, demands, permission));
  }

  private isOn({ orgId, userId, homeBranchId, roles }: Actor, flag: string): Promise<boolean> {
    const branch = homeBranchId === null ? {} : { branchId: homeBranchId };
    return this.hub.use(configuration).isOn(flag, { orgId, userId, roles, ...branch });
  }
}

function refuse(question: Question): void {
  const refusal = refusalOf(question);
  if (!refusal) return;
  const { code, detail } = refusal;
  throw code === 'FORBIDDEN' ? new Forbidden(code, detail) : new HubError(code, detail);
}

const noticeOf = ({ until }: Standing): string => (until ? `grace; until=${until.toISOString()}` : 'grace');
