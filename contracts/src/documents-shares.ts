import { z } from 'zod';
import { act, create, feed, list, PageQuery, remove } from './kit/api';
import { Id, Instant } from './kit/values';
import { SignedLink } from './documents-values';

export const MAX_SHARE_DAYS = 30;
const SharePassword = z.string().min(6).max(128);

export const NewShare = z.strictObject({
  /** At most thirty days from now. */
  expiresAt: Instant,
  /** Whoever opens it has to know this too. */
  password: SharePassword.optional(),
  maxDownloads: z.int().min(1).max(10_000).optional(),
});

export const DocumentShare = z.object({
  id: Id,
  documentId: Id,
  hasPassword: z.boolean(),
  maxDownloads: z.number().int().nullable(),
  downloads: z.number().int(),
  createdBy: Id,
  createdAt: Instant,
  expiresAt: Instant,
  revokedAt: Instant.nullable(),
});
export type DocumentShare = z.infer<typeof DocumentShare>;

/** The address is shown this once; what is kept is its hash. */
export const MadeShare = DocumentShare.extend({ url: z.string(), token: z.string() });
export type MadeShare = z.infer<typeof MadeShare>;

/** An organisation and 32 bytes that nobody guesses. */
export const ShareToken = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}\.[\w-]{43}$/);
const byToken = z.object({ token: ShareToken });
const closed = ['SHARE_EXPIRED', 'DOCUMENT_NOT_READY', 'QUARANTINED'] as const;

export const shareRows = {
  share: create('/documents/:documentId/shares', {
    permission: 'documents.write',
    feature: 'documents',
    body: NewShare,
    returns: MadeShare,
    errors: ['DOCUMENT_NOT_READY', 'QUARANTINED'],
    summary: 'Make an address that opens the file for whoever has it, until it ends',
  }),
  shares: list('/documents/:documentId/shares', {
    permission: 'documents.read',
    query: PageQuery,
    returns: DocumentShare,
    summary: 'List its shares, newest first',
  }),
  unshare: remove('/documents/:documentId/shares/:shareId', {
    permission: 'documents.write',
    summary: 'End a share now',
  }),
  openShare: feed('/public/documents/:token', {
    public: 'whoever was given the address may open what it was made for, until it ends',
    params: byToken,
    headers: { 'Content-Disposition': 'The file’s name', ETag: 'The SHA-256 of the bytes' },
    errors: [...closed, 'SHARE_PASSWORD', 'RANGE_NOT_SATISFIABLE'],
    summary: 'The file behind a share without a password',
  }),
  unlockShare: act('/public/documents/:token', {
    public: 'the address and its password are the proof',
    params: byToken,
    body: z.strictObject({ password: z.string().max(128) }),
    returns: SignedLink,
    errors: [...closed, 'SHARE_PASSWORD', 'SHARE_LOCKED'],
    summary: 'Give the password of a share, and get an address that opens the file for 300 s',
  }),
};
