import { Op } from 'sequelize';
import { context, type Hub, HubError } from '../../platform';
import { ActionTokenModel, type Purpose } from './action-token.model';
import { newBearer, sha256 } from './bearer';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

/** How long each opens what it is for. */
const LIFE_MS: Readonly<Record<Purpose, number>> = {
  'verify-email': DAY_MS,
  'set-up': 15 * MINUTE_MS,
  'reset-password': 30 * MINUTE_MS,
  invite: 7 * DAY_MS,
  unlock: 7 * DAY_MS,
  'change-email': DAY_MS,
  'recover-factor': DAY_MS,
};

interface Wanted {
  readonly purpose: Purpose;
  readonly email: string;
  /** Whose account; nobody's of a sign-up. */
  readonly of?: { readonly orgId: string; readonly userId: string } | undefined;
  readonly cause?: string;
  readonly ip?: string;
}

/** Links that are mailed, and the step after one: used once, and the newest of its kind alone. */
export class ActionTokens {
  constructor(private readonly hub: Hub) {}

  /** In the caller's transaction; earlier ones for the same are void. @returns the token, kept by its hash alone */
  async make({ purpose, email, of, cause, ip }: Wanted): Promise<{ token: string; expiresAt: Date }> {
    const token = newBearer();
    const now = this.hub.now();
    const expiresAt = new Date(now.getTime() + LIFE_MS[purpose]);
    await this.void([purpose], of ?? { email });
    await ActionTokenModel.create({
      tokenSha256: sha256(token),
      orgId: of?.orgId ?? null,
      userId: of?.userId ?? null,
      email,
      purpose,
      cause: cause ?? null,
      ip: ip ?? context().caller?.ip ?? '',
      createdAt: now,
      expiresAt,
      usedAt: null,
    });
    return { token, expiresAt };
  }

  /** The same for many people of an organisation at once. @returns their tokens, by whose they are */
  async makeAll(
    purpose: Purpose,
    orgId: string,
    users: readonly { readonly id: string; readonly email: string }[],
  ): Promise<Map<string, string>> {
    const createdAt = this.hub.now();
    const tokens = new Map(users.map(({ id }) => [id, newBearer()]));
    const userId = [...tokens.keys()];
    await ActionTokenModel.update({ usedAt: createdAt }, { where: { orgId, userId, purpose, usedAt: null } });
    await ActionTokenModel.bulkCreate(
      users.map(({ id, email }) => ({
        tokenSha256: sha256(tokens.get(id) ?? ''),
        orgId,
        userId: id,
        email,
        purpose,
        cause: null,
        ip: context().caller?.ip ?? '',
        createdAt,
        expiresAt: new Date(createdAt.getTime() + LIFE_MS[purpose]),
        usedAt: null,
      })),
    );
    return tokens;
  }

  /**
   * Whose it is, without using it up: for what must be asked before it is.
   * @throws HubError TOKEN_USED_OR_EXPIRED, also for one that never was
   */
  async look(token: string, purposes: readonly Purpose[]): Promise<ActionTokenModel> {
    const found = await ActionTokenModel.findOne({
      where: {
        tokenSha256: sha256(token),
        purpose: [...purposes],
        usedAt: null,
        expiresAt: { [Op.gt]: this.hub.now() },
      },
    });
    if (!found) throw usedOrExpired();
    return found;
  }

  /**
   * In the caller's transaction: uses it up. Of two that bring it at once, the database lets one through.
   * @throws HubError TOKEN_USED_OR_EXPIRED
   */
  async use({ tokenSha256 }: ActionTokenModel): Promise<void> {
    const now = this.hub.now();
    const [used] = await ActionTokenModel.update(
      { usedAt: now },
      { where: { tokenSha256, usedAt: null, expiresAt: { [Op.gt]: now } } },
    );
    if (used === 0) throw usedOrExpired();
  }

  /** In the caller's transaction: whatever was mailed to somebody for this opens nothing any more. */
  async void(purposes: readonly Purpose[], of: { orgId: string; userId: string } | { email: string }): Promise<void> {
    const whose = 'userId' in of ? { orgId: of.orgId, userId: of.userId } : { email: of.email, userId: null };
    await ActionTokenModel.update(
      { usedAt: this.hub.now() },
      { where: { ...whose, purpose: [...purposes], usedAt: null } },
    );
  }

  /** Whether this job has made its tokens: it may run twice. */
  async wereMadeBy(cause: string): Promise<boolean> {
    return (await ActionTokenModel.findOne({ where: { cause }, attributes: ['cause'] })) !== null;
  }

  /** What waits for somebody to use it, by the address that it was mailed to. */
  waitingFor(email: string, purposes: readonly Purpose[]): Promise<ActionTokenModel[]> {
    return ActionTokenModel.findAll({
      where: { email, purpose: [...purposes], usedAt: null, expiresAt: { [Op.gt]: this.hub.now() } },
      order: ['createdAt'],
    });
  }
}

export const usedOrExpired = () =>
  new HubError('TOKEN_USED_OR_EXPIRED', 'This link was used, has run out, or was replaced. Ask for a new one.');
