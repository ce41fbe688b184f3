import { z } from 'zod';
import { create, document, list, PageQuery, remove } from './kit/api';
import { Id, Instant, ShortText } from './kit/values';
import { Precision } from './tracking-journeys';

export const MAX_SHARE_HOURS = 24;

export const PositionShare = z.object({
  id: Id,
  name: z.string(),
  trackableIds: z.array(Id),
  precision: Precision,
  createdBy: Id,
  createdAt: Instant,
  expiresAt: Instant,
  revokedAt: Instant.nullable(),
  opens: z.number().int(),
  lastOpenedAt: Instant.nullable(),
});
export type PositionShare = z.infer<typeof PositionShare>;

export const NewPositionShare = z.strictObject({
  /** What whoever opens it reads above the map. */
  name: ShortText,
  trackableIds: z.array(Id).min(1).max(50),
  precision: Precision.default('exact'),
  expiresAt: Instant,
});

/** The address is shown this once; what is kept is its hash. */
export const MadePositionShare = PositionShare.extend({ token: z.string(), path: z.string() });
export type MadePositionShare = z.infer<typeof MadePositionShare>;

/** Nobody’s ids leave the house: within one answer `key` tells one from another. */
export const SharedPositions = z.object({
  name: z.string(),
  precision: Precision,
  expiresAt: Instant,
  at: Instant,
  positions: z.array(
    z.object({
      key: z.number().int(),
      name: z.string(),
      kind: z.enum(['user', 'vehicle', 'asset', 'device']),
      at: Instant,
      lat: z.number(),
      lng: z.number(),
      accuracy: z.number(),
      speed: z.number().nullable(),
      heading: z.number().nullable(),
    }),
  ),
});
export type SharedPositions = z.infer<typeof SharedPositions>;

/** An organisation and 32 bytes that nobody guesses. */
export const PositionShareToken = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}\.[\w-]{43}$/);

const share = { permission: 'tracking.share' } as const;

export const shareRows = {
  shareLinks: list('/share-links', {
    ...share,
    query: PageQuery,
    returns: PositionShare,
    summary: 'List shares, newest first',
  }),
  makeShareLink: create('/share-links', {
    ...share,
    body: NewPositionShare,
    returns: MadePositionShare,
    errors: ['SHARE_TOO_LONG', 'PRECISION_DENIED', 'LOOK_REASON_REQUIRED'],
    summary: 'Make an address that shows where somebody is, for a day at most',
  }),
  endShareLink: remove('/share-links/:shareId', { ...share, summary: 'End a share now' }),
  openShareLink: document('/shared/:token', {
    public: 'whoever was given the address may see where these are, until it ends',
    params: z.object({ token: PositionShareToken }),
    returns: SharedPositions,
    errors: ['POSITION_SHARE_ENDED'],
    summary: 'The newest positions behind a share',
  }),
};
