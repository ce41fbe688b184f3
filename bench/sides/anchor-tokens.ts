import jwt from 'jsonwebtoken';

export interface AnchorClaims {
  readonly sub: string;
  readonly org: string;
}

const secret = (): string => process.env['BENCH_SECRET'] ?? '';

// HS256 costs a tenth of the ES256 that the hub signs with: the doubt is decided in favour of the anchors.
export const signForAnchors = ({ sub, org }: AnchorClaims): string =>
  jwt.sign({ sub, org }, secret(), { algorithm: 'HS256', expiresIn: '3h', issuer: 'bench', audience: 'bench' });

/** @throws JsonWebTokenError */
export function verifyForAnchors(token: string): AnchorClaims {
  const claims = jwt.verify(token, secret(), { algorithms: ['HS256'], issuer: 'bench', audience: 'bench' });
  if (typeof claims === 'string' || typeof claims['org'] !== 'string' || claims.sub === undefined)
    throw new jwt.JsonWebTokenError('a claim is missing');
  return { sub: claims.sub, org: claims['org'] };
}
