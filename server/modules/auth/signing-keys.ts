import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { type AccessToken, type Hub, Unauthenticated, ulid } from '../../platform';

const AUDIENCE = 'loro-hub';
const KEY_LIFE_MS = 90 * 86_400_000;
const RELOAD_MS = 5_000;

interface Key {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly jwk: Record<string, unknown>;
  readonly privateKey: KeyObject;
  readonly retireAt: Date;
}

interface Claims {
  readonly orgId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly authenticatedAt: Date;
}

/** Access tokens: ES256, the algorithm pinned by key id, keys shared by all nodes through the database. */
export class SigningKeys {
  private keys = new Map<string, Key>();
  private loadedAt = 0;

  constructor(private readonly hub: Hub) {}

  async start(): Promise<void> {
    await this.load();
    if (!this.newest()) await this.make();
  }

  sign(claims: Claims, lifeMs: number): { token: string; expiresAt: Date } {
    const key = this.newest();
    if (!key) throw new Error('there is no signing key');
    const iat = Math.floor(this.hub.now().getTime() / 1000);
    const exp = iat + Math.floor(lifeMs / 1000);
    const token = jwt.sign(
      {
        iss: this.issuer,
        aud: AUDIENCE,
        sub: claims.userId,
        org: claims.orgId,
        sid: claims.sessionId,
        auth_time: Math.floor(claims.authenticatedAt.getTime() / 1000),
        jti: ulid(),
        iat,
        exp,
      },
      key.privateKey,
      { algorithm: 'ES256', header: { alg: 'ES256', typ: 'at+jwt', kid: key.kid } },
    );
    return { token, expiresAt: new Date(exp * 1000) };
  }

  /** @throws Unauthenticated TOKEN_EXPIRED or UNAUTHENTICATED, which never says what was wrong */
  async verify(token: string): Promise<AccessToken> {
    const header = headerOf(token);
    const key = header?.typ === 'at+jwt' && header.kid !== undefined ? await this.find(header.kid) : undefined;
    if (!key) throw new Unauthenticated('UNAUTHENTICATED', 'The access token is not valid.');
    try {
      const claims = jwt.verify(token, key.publicKey, {
        algorithms: ['ES256'],
        issuer: this.issuer,
        audience: AUDIENCE,
        clockTimestamp: Math.floor(this.hub.now().getTime() / 1000),
        clockTolerance: 5,
      });
      if (typeof claims === 'string') throw new Error('not a claims object');
      const {
        sub,
        exp,
        org,
        sid,
        auth_time: provedAt,
      } = claims as jwt.JwtPayload & Record<'org' | 'sid' | 'auth_time', unknown>;
      if (
        typeof sub !== 'string' ||
        exp === undefined ||
        typeof org !== 'string' ||
        typeof sid !== 'string' ||
        typeof provedAt !== 'number'
      )
        throw new Error('a claim is missing');
      return {
        orgId: org,
        userId: sub,
        sessionId: sid,
        expiresAt: new Date(exp * 1000),
        authenticatedAt: new Date(provedAt * 1000),
      };
    } catch (error) {
      throw error instanceof jwt.TokenExpiredError
        ? new Unauthenticated('TOKEN_EXPIRED', 'The access token has run out.')
        : new Unauthenticated('UNAUTHENTICATED', 'The access token is not valid.', { cause: error });
    }
  }

  publicKeys(): Record<string, unknown>[] {
    return [...this.keys.values()].map(({ kid, jwk }) => ({ ...jwk, kid, alg: 'ES256', use: 'sig' }));
  }

  private get issuer(): string {
    return this.hub.config.PUBLIC_URL ?? 'loro-hub';
  }

  private newest(): Key | undefined {
    const now = this.hub.now();
    return [...this.keys.values()]
      .filter(({ retireAt }) => retireAt > now)
      .toSorted((a, b) => (a.kid < b.kid ? 1 : -1))[0];
  }

  private async find(kid: string): Promise<Key | undefined> {
    // Another node may have made a key since; made-up ids must not become a query each.
    if (!this.keys.has(kid) && Date.now() - this.loadedAt > RELOAD_MS) await this.load();
    return this.keys.get(kid);
  }

  private async load(): Promise<void> {
    this.loadedAt = Date.now();
    const rows = await this.hub.select<{ kid: string; public_jwk: string; private_cipher: Buffer; retire_at: Date }>(
      'SELECT kid, public_jwk, private_cipher, retire_at FROM signing_keys WHERE retire_at > :deadline',
      { deadline: new Date(this.hub.now().getTime() - 86_400_000) },
    );
    this.keys = new Map(
      rows.map((row) => {
        const jwk = JSON.parse(row.public_jwk) as Record<string, unknown>;
        const privateKey = createPrivateKey(this.hub.secrets.open('signing-keys', row.private_cipher));
        return [
          row.kid,
          { kid: row.kid, jwk, privateKey, publicKey: createPublicKey(privateKey), retireAt: row.retire_at },
        ];
      }),
    );
  }

  private async make(): Promise<void> {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const now = this.hub.now();
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await this.hub.sequelize.query(
      'INSERT INTO signing_keys (kid, public_jwk, private_cipher, not_before, retire_at) VALUES (?, ?, ?, ?, ?)',
      {
        replacements: [
          ulid(),
          JSON.stringify(publicKey.export({ format: 'jwk' })),
          this.hub.secrets.seal('signing-keys', pem),
          now,
          new Date(now.getTime() + KEY_LIFE_MS),
        ],
      },
    );
    await this.load();
  }
}

/** None for a text that only looks like a token: reading its content would throw. */
function headerOf(token: string): jwt.JwtHeader | undefined {
  try {
    return jwt.decode(token, { complete: true })?.header;
  } catch {
    return undefined;
  }
}
