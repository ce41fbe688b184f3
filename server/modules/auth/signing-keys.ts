import type { Restriction } from '@loro/contracts/kit/demands';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import jwt from 'jsonwebtoken';
import { type AccessToken, type Hub, Unauthenticated, ulid } from '../../platform';
import { KeyRing } from './key-ring';
import { TokenAlarms } from './token-alarms';

const AUDIENCE = 'loro-hub';
const TYPE = 'at+jwt';
const CLOCK_TOLERANCE_S = 5;
const KID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

const restrictions = ['billing', 'enrolment', 'offline-upload'] as const satisfies readonly AccessToken['only'][];

type Claims = Pick<AccessToken, 'orgId' | 'userId' | 'sessionId' | 'authenticatedAt' | 'only'>;

interface Told {
  readonly org: string;
  readonly sub: string;
  readonly sid: string;
  readonly exp: number;
  readonly provedAt: number;
}

/** Kept for as long as a connection is open: two numbers are a sixth of the memory of two dates. */
class SignedToken implements AccessToken {
  readonly orgId: string;
  readonly userId: string;
  readonly sessionId: string;
  declare readonly only?: Restriction;
  private readonly exp: number;
  private readonly provedAt: number;

  constructor({ org, sub, sid, exp, provedAt }: Told, only: Restriction | undefined) {
    this.orgId = org;
    this.userId = sub;
    this.sessionId = sid;
    this.exp = exp;
    this.provedAt = provedAt;
    if (only) this.only = only;
  }

  get expiresAt(): Date {
    return new Date(this.exp * 1000);
  }

  get authenticatedAt(): Date {
    return new Date(this.provedAt * 1000);
  }
}

/** A token that is no honest mistake; `reason` is for the journal and never for the caller. */
class Forged extends Error {}

/**
 * Access tokens: signed with ES256, then wrapped with A256GCM, so that what they say is readable by the hub alone. The
 * algorithms are pinned by the ids of the keys.
 */
export class SigningKeys {
  private readonly ring: KeyRing;
  private readonly alarms: TokenAlarms;

  constructor(private readonly hub: Hub) {
    this.ring = new KeyRing(hub);
    this.alarms = new TokenAlarms(hub);
  }

  start(): Promise<void> {
    return this.ring.start();
  }

  rotate(): Promise<void> {
    return this.ring.rotate();
  }

  publicKeys(): Promise<Record<string, unknown>[]> {
    return this.ring.published();
  }

  async sign(claims: Claims, lifeMs: number): Promise<{ token: string; expiresAt: Date }> {
    const [signer, wrapper] = await Promise.all([this.ring.current('sig'), this.ring.current('enc')]);
    const iat = Math.floor(this.hub.now().getTime() / 1000);
    const exp = iat + Math.floor(lifeMs / 1000);
    const signed = jwt.sign(
      {
        iss: this.issuer,
        aud: AUDIENCE,
        sub: claims.userId,
        org: claims.orgId,
        sid: claims.sessionId,
        auth_time: Math.floor(claims.authenticatedAt.getTime() / 1000),
        ...(claims.only && { only: claims.only }),
        jti: ulid(),
        iat,
        exp,
      },
      signer.privateKey,
      { algorithm: 'ES256', header: { alg: 'ES256', typ: TYPE, kid: signer.kid } },
    );
    const token = await new CompactEncrypt(Buffer.from(signed))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: TYPE, cty: 'JWT', kid: wrapper.kid })
      .encrypt(wrapper.key);
    return { token, expiresAt: new Date(exp * 1000) };
  }

  /** @throws Unauthenticated TOKEN_EXPIRED or UNAUTHENTICATED, which never says what was wrong */
  async verify(token: string): Promise<AccessToken> {
    let readable = token;
    try {
      readable = await this.unwrap(token);
      return await this.verifySigned(readable);
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError)
        throw new Unauthenticated('TOKEN_EXPIRED', 'The access token has run out.');
      await this.alarms.raise(readable, error instanceof Error ? error.message : 'unknown');
      throw new Unauthenticated('UNAUTHENTICATED', 'The access token is not valid.', { cause: error });
    }
  }

  private async unwrap(token: string): Promise<string> {
    const { kid, typ, alg, enc } = decodeProtectedHeader(token);
    if (alg !== 'dir' || enc !== 'A256GCM' || typ !== TYPE) throw new Forged('it is not wrapped as the hub wraps');
    const wrapper = kid !== undefined && KID.test(kid) ? await this.ring.find('enc', kid) : undefined;
    if (!wrapper) throw new Forged('it is wrapped with a key that the hub does not have');
    const { plaintext } = await compactDecrypt(token, wrapper.key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return Buffer.from(plaintext).toString('utf8');
  }

  private async verifySigned(signed: string): Promise<AccessToken> {
    const header = jwt.decode(signed, { complete: true })?.header;
    if (header?.typ !== TYPE) throw new Forged('its content is no access token');
    const signer =
      typeof header.kid === 'string' && KID.test(header.kid) ? await this.ring.find('sig', header.kid) : undefined;
    if (!signer) throw new Forged('it is signed with a key that the hub does not have');
    const claims = jwt.verify(signed, signer.publicKey, {
      algorithms: ['ES256'],
      issuer: this.issuer,
      audience: AUDIENCE,
      clockTimestamp: Math.floor(this.hub.now().getTime() / 1000),
      clockTolerance: CLOCK_TOLERANCE_S,
    });
    if (typeof claims === 'string') throw new Forged('it says no object');
    return accessTokenOf(claims);
  }

  private get issuer(): string {
    return this.hub.config.PUBLIC_URL ?? 'loro-hub';
  }
}

function accessTokenOf({ sub, exp, ...claims }: jwt.JwtPayload): AccessToken {
  const { org, sid, auth_time: provedAt, only }: Record<string, unknown> = claims;
  if (
    typeof sub !== 'string' ||
    exp === undefined ||
    typeof org !== 'string' ||
    typeof sid !== 'string' ||
    typeof provedAt !== 'number'
  )
    throw new Forged('a claim is missing');
  const restriction = restrictions.find((name) => name === only);
  // A restriction that this version does not know must not open everything.
  if (only !== undefined && restriction === undefined) throw new Forged('it is restricted to something unknown');
  return new SignedToken({ org, sub, sid, exp, provedAt }, restriction);
}
