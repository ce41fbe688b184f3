import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { type DocumentShare, MAX_SHARE_DAYS, type MadeShare, type NewShare } from '@loro/contracts/documents-shares';
import type { SignedLink } from '@loro/contracts/documents';
import type { z } from 'zod';
import { type Actor, type Feed, type Hub, HubError, Invalid, NotFound, type Page, pageOf, ulid } from '../../platform';
import type { ContentsService } from './contents.service';
import { mustBeOpen } from './contents.service';
import type { DocumentsService } from './documents.service';
import { SharesStore, type StoredShare } from './shares.store';

const DAY_MS = 86_400_000;
const WRONG_ALLOWED = 5;
const LOCKED_MS = 15 * 60_000;
const KEY_BYTES = 32;
const derive = promisify<string, Buffer, number, Buffer>(scrypt);

/** Addresses that open one file for whoever has them, until they end. */
export class SharesService {
  private readonly rows: SharesStore;

  constructor(
    private readonly hub: Hub,
    private readonly documents: DocumentsService,
    private readonly contents: ContentsService,
  ) {
    this.rows = new SharesStore(hub);
  }

  async share(actor: Actor, documentId: string, given: z.output<typeof NewShare>): Promise<MadeShare> {
    await this.documents.mustWrite(actor, documentId);
    const expiresAt = new Date(given.expiresAt);
    const now = this.hub.now();
    if (expiresAt <= now || expiresAt.getTime() - now.getTime() > MAX_SHARE_DAYS * DAY_MS)
      throw new Invalid('VALIDATION_FAILED', 'Wrong: expiresAt.', {
        errors: [{ path: 'expiresAt', code: 'out_of_range', message: `is not within ${MAX_SHARE_DAYS} days from now` }],
      });
    const { orgId, userId } = actor;
    const token = `${orgId}.${randomBytes(KEY_BYTES).toString('base64url')}`;
    const share: StoredShare = {
      orgId,
      id: ulid(now.getTime()),
      documentId,
      tokenSha256: hashOf(token),
      passwordHash: given.password === undefined ? null : await sealed(given.password),
      failures: 0,
      closedUntil: null,
      maxDownloads: given.maxDownloads ?? null,
      downloads: 0,
      createdBy: userId,
      createdAt: now,
      expiresAt,
      revokedAt: null,
    };
    await this.hub.transact(async (after) => {
      mustBeOpen(await this.documents.lock(actor, documentId));
      await this.rows.add(share);
      after.record({
        type: 'user_action',
        action: 'document.shared',
        orgId,
        entity: { type: 'document', id: documentId },
        data: { share: share.id, expiresAt: given.expiresAt, hasPassword: share.passwordHash !== null },
      });
    });
    const url = `${this.hub.config.PUBLIC_URL ?? ''}/api/v1/public/documents/${token}`;
    return { ...presented(share), url, token };
  }

  async list(
    actor: Actor,
    documentId: string,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<DocumentShare>> {
    await this.documents.mustWrite(actor, documentId);
    const before = this.hub.cursors.decode('document-shares', cursor)?.[0];
    const rows = await this.rows.of(
      actor.orgId,
      documentId,
      before === undefined ? undefined : String(before),
      limit + 1,
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('document-shares', [id]), presented);
  }

  async revoke(actor: Actor, documentId: string, shareId: string): Promise<void> {
    await this.documents.mustWrite(actor, documentId);
    const { orgId } = actor;
    await this.hub.transact(async (after) => {
      if (!(await this.rows.revoke(orgId, documentId, shareId))) throw new NotFound('This share');
      after.record({
        type: 'user_action',
        action: 'document.share-ended',
        orgId,
        entity: { type: 'document', id: documentId },
        data: { share: shareId },
      });
    });
  }

  /** The file behind a share without a password. */
  async open(token: string, wanted: { range: string | undefined; isHead: boolean }): Promise<Feed> {
    const share = await this.mustBeGood(token);
    if (share.passwordHash !== null) throw new HubError('SHARE_PASSWORD', 'This share asks for a password.');
    // Parts of a file that is being read are one download: the one that begins at its start.
    const isFirst = wanted.range === undefined || wanted.range.startsWith('bytes=0-');
    if (isFirst && !wanted.isHead) await this.count(share);
    return this.contents.shared(share.orgId, share.documentId, share.id, wanted);
  }

  /** A right password opens an address that lives for five minutes; wrong ones close the share for a while. */
  async unlock(token: string, password: string): Promise<SignedLink> {
    const share = await this.mustBeGood(token);
    const now = this.hub.now();
    if (share.closedUntil && share.closedUntil > now)
      throw new HubError('SHARE_LOCKED', 'Too many wrong passwords were tried.', {
        retryAfterMs: share.closedUntil.getTime() - now.getTime(),
      });
    // Counted before it is looked at: of many guesses at once none is free.
    if (!(await this.rows.attempt(share, { most: WRONG_ALLOWED, until: new Date(now.getTime() + LOCKED_MS) })))
      throw new HubError('SHARE_LOCKED', 'Too many wrong passwords were tried.', { retryAfterMs: LOCKED_MS });
    if (share.passwordHash !== null && !(await isRight(password, share.passwordHash)))
      throw new HubError('SHARE_PASSWORD', 'This is not the password.');
    await this.rows.forgive(share);
    await this.count(share);
    return this.contents.linkFor(share.orgId, share.documentId);
  }

  /** @throws NotFound, HubError SHARE_EXPIRED */
  private async mustBeGood(token: string): Promise<StoredShare> {
    const orgId = token.slice(0, 26);
    const share = await this.rows.byToken(orgId, hashOf(token));
    if (!share) throw new NotFound('This share');
    if (share.revokedAt || share.expiresAt <= this.hub.now())
      throw new HubError('SHARE_EXPIRED', 'This share has ended.');
    return share;
  }

  private async count(share: StoredShare): Promise<void> {
    if (!(await this.rows.count(share)))
      throw new HubError('SHARE_EXPIRED', 'This share was opened as often as it could be.');
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

async function sealed(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `scrypt:${salt.toString('base64')}:${(await derive(password.normalize('NFKC'), salt, KEY_BYTES)).toString('base64')}`;
}

async function isRight(password: string, kept: string): Promise<boolean> {
  const [, salt = '', hash = ''] = kept.split(':');
  const given = await derive(password.normalize('NFKC'), Buffer.from(salt, 'base64'), KEY_BYTES);
  return timingSafeEqual(given, Buffer.from(hash, 'base64'));
}

const presented = (share: StoredShare): DocumentShare => ({
  id: share.id,
  documentId: share.documentId,
  hasPassword: share.passwordHash !== null,
  maxDownloads: share.maxDownloads,
  downloads: share.downloads,
  createdBy: share.createdBy,
  createdAt: share.createdAt.toISOString(),
  expiresAt: share.expiresAt.toISOString(),
  revokedAt: share.revokedAt?.toISOString() ?? null,
});
