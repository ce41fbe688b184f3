import { type Hub, ulid } from '../../platform';

/** What may be told of a secret. */
export interface SecretInfo {
  readonly last4: string | null;
  readonly rotatedAt: Date;
  readonly previousUntil: Date | null;
}

/** A secret as whoever uses it needs it: during an overlap the earlier one works too. */
export interface Credentials {
  readonly secret: string;
  readonly previous: string | null;
}

interface Row {
  readonly id: string;
  readonly sealed: Buffer;
  readonly last4: string | null;
  readonly rotatedAt: Date;
  readonly previousSealed: Buffer | null;
  readonly previousUntil: Date | null;
}

const HOUR_MS = 3_600_000;
const SHORT = 12;

/** Secrets of integrations, storage and webhooks: written, used, never read back by anybody. */
export class SecretsStore {
  constructor(private readonly hub: Hub) {}

  async keep(orgId: string, secret: string): Promise<string> {
    const id = ulid(this.hub.now().getTime());
    await this.hub.sequelize.query(
      'INSERT INTO config_secrets (org_id, id, sealed, last4, rotated_at) VALUES (?, ?, ?, ?, ?)',
      { replacements: [orgId, id, this.seal(secret), last4Of(secret), this.hub.now()] },
    );
    return id;
  }

  /** The earlier secret goes on working for a while, unless that is no time at all. */
  async rotate(orgId: string, id: string, secret: string, overlapHours: number): Promise<void> {
    const now = this.hub.now();
    const until = overlapHours === 0 ? null : new Date(now.getTime() + overlapHours * HOUR_MS);
    await this.hub.sequelize.query(
      `UPDATE config_secrets SET previous_sealed = ${until ? 'sealed' : 'NULL'}, previous_until = :until, sealed = :sealed,
         last4 = :last4, rotated_at = :now WHERE org_id = :orgId AND id = :id`,
      { replacements: { orgId, id, sealed: this.seal(secret), last4: last4Of(secret), now, until } },
    );
  }

  async remove(orgId: string, id: string): Promise<void> {
    await this.hub.sequelize.query('DELETE FROM config_secrets WHERE org_id = ? AND id = ?', {
      replacements: [orgId, id],
    });
  }

  async infoOf(orgId: string, ids: readonly (string | null)[]): Promise<ReadonlyMap<string, SecretInfo>> {
    const wanted = ids.filter((id) => id !== null);
    if (wanted.length === 0) return new Map();
    const now = this.hub.now();
    return new Map(
      (await this.rows(orgId, wanted)).map(({ id, last4, rotatedAt, previousUntil }) => [
        id,
        { last4, rotatedAt, previousUntil: previousUntil && previousUntil > now ? previousUntil : null },
      ]),
    );
  }

  async open(orgId: string, id: string | null): Promise<Credentials | null> {
    if (id === null) return null;
    const [row] = await this.rows(orgId, [id]);
    if (!row) return null;
    const { sealed, previousSealed, previousUntil } = row;
    const isOverlap = previousSealed !== null && previousUntil !== null && previousUntil > this.hub.now();
    return {
      secret: this.hub.secrets.open('settings', sealed),
      previous: isOverlap ? this.hub.secrets.open('settings', previousSealed) : null,
    };
  }

  private rows(orgId: string, ids: readonly string[]): Promise<Row[]> {
    return this.hub.select<Row>(
      `SELECT id, sealed, last4, rotated_at AS rotatedAt, previous_sealed AS previousSealed, previous_until AS previousUntil
       FROM config_secrets WHERE org_id = :orgId AND id IN (:ids)`,
      { orgId, ids: [...ids] },
    );
  }

  private seal(secret: string): Buffer {
    return this.hub.secrets.seal('settings', secret);
  }
}

/** Enough to tell secrets apart, and little enough to keep a short one secret. */
export const last4Of = (secret: string): string | null => (secret.length < SHORT ? null : secret.slice(-4));
