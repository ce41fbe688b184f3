import { type AccessToken, type Actor, type Hub, Remembered, Unauthenticated } from '../../platform';
import { access } from '../access';
import { people } from '../people';
import { ApiKeyModel } from './api-key.model';
import { digestOf, grantsOfKey } from './api-key.policy';

const KEPT_MS = 30_000;
const KEYS_KEPT = 10_000;
const USED_EVERY_MS = 5 * 60_000;

/** Programs that call with an API key: who they are, and what they may do just now. */
export class ServiceCallers {
  private readonly keys: Remembered<AccessToken>;
  private readonly noted: Remembered<true>;
  /** Under whose rights a service account acts here, and the key's digest. */
  private readonly accounts = new Map<string, { orgId: string; createdBy: string; digest: string }>();

  /** Counts what was heard: what was read before must not be remembered after. */
  private heard = 0;

  constructor(private readonly hub: Hub) {
    this.keys = new Remembered(KEPT_MS, KEYS_KEPT, hub.now);
    this.noted = new Remembered(USED_EVERY_MS, KEYS_KEPT, hub.now);
  }

  /** From now on this process hears when a key, or what its maker may do, changes. */
  start(): void {
    this.hub.changes.onChange(({ id, orgId, userId, sessionId }) => {
      // A change for everybody of an organisation reaches its keys as well, without being told of here.
      if (userId === null) return;
      const account = this.accounts.get(userId);
      if (account) this.keys.delete(account.digest);
      if (account && sessionId !== null) this.accounts.delete(userId);
      if (account || sessionId !== null) return;
      for (const [service, { createdBy, orgId: home }] of this.accounts)
        if (createdBy === userId && home === orgId)
          this.hub.changes.tell({ id, orgId, userId: service, sessionId: null });
    });
  }

  /** @throws Unauthenticated, which never says what was wrong */
  async verify(text: string): Promise<AccessToken> {
    const digest = digestOf(text);
    const known = digest === undefined ? undefined : (this.keys.get(digest) ?? (await this.find(digest)));
    if (!known || known.expiresAt <= this.hub.now()) throw invalid();
    this.noteUse(known);
    return known;
  }

  /** The rights of the key, as far as its maker holds them at this moment. */
  async actorOf(token: AccessToken): Promise<Actor> {
    const { orgId, userId, sessionId } = token;
    const row = await ApiKeyModel.findOne({ where: { orgId, id: sessionId, revokedAt: null } });
    if (!row || row.expiresAt <= this.hub.now()) throw invalid();
    const { permissions } = row.toContract();
    const [account, maker] = await Promise.all([
      this.hub.use(people).byId(orgId, userId),
      this.hub.use(people).byId(orgId, row.createdBy),
    ]);
    const made = maker.status === 'active' ? await this.hub.use(access).actorOf(maker, token) : undefined;
    return {
      orgId,
      userId,
      name: account.name,
      sessionId,
      kind: 'service',
      homeBranchId: null,
      roles: [],
      grants: made ? grantsOfKey(permissions, made.grants) : new Map(),
      ...(made?.rightsUntil && { rightsUntil: made.rightsUntil }),
    };
  }

  private async find(digest: string): Promise<AccessToken | undefined> {
    const { heard } = this;
    const row = await ApiKeyModel.findOne({ where: { sha256: digest, revokedAt: null } });
    if (!row) return undefined;
    const { orgId, id, userId, createdBy, expiresAt } = row;
    const { ipAllow } = row.toContract();
    const token: AccessToken = {
      orgId,
      userId,
      sessionId: id,
      expiresAt,
      // Nobody proves with a key who it is that holds it.
      authenticatedAt: new Date(0),
      apiKey: { ipAllow },
    };
    if (heard === this.heard) this.keys.set(digest, token);
    this.accounts.set(userId, { orgId, createdBy, digest });
    return token;
  }

  /** Not waited for: a call must not fail because nobody could write down that it was made. */
  private noteUse({ orgId, sessionId: id }: AccessToken): void {
    if (this.noted.get(id)) return;
    this.noted.set(id, true);
    ApiKeyModel.update({ lastUsedAt: this.hub.now() }, { where: { orgId, id } }).catch((error: unknown) =>
      this.hub.log.warn({ err: error }, 'the use of an API key could not be noted'),
    );
  }
}

const invalid = () => new Unauthenticated('UNAUTHENTICATED', 'The API key is not valid.');
