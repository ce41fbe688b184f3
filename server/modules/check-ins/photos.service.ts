import { readFile } from 'node:fs/promises';
import type { CheckInPhoto } from '@loro/contracts/check-ins-records';
import type { ReviewReason } from '@loro/contracts/check-ins-values';
import {
  type Actor,
  allow,
  Conflict,
  type FileStore,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  type ReceivedFile,
  ulid,
} from '../../platform';
import { configuration } from '../configuration';
import { scoreOf, weights } from './fraud.policy';
import type { LocationKeys } from './location-keys';
import type { Mark, MarkStore } from './mark.store';
import { drawn, type Drawn } from './photo.check';
import { NEARLY_THE_SAME, verdictOf } from './photo.policy';
import type { PhotoNonces } from './photo-nonces';
import { placeOf } from './places';
import type { PrivacyService } from './privacy.service';
import type { ReviewService } from './review.service';

const DAY_MS = 86_400_000;
const LOOK_BACK_MS = 30 * DAY_MS;

interface Parts {
  readonly marks: MarkStore;
  readonly keys: LocationKeys;
  readonly nonces: PhotoNonces;
  readonly privacy: PrivacyService;
  readonly review: ReviewService;
}

type Verdict = CheckInPhoto['verdict'];

/** Photos of check-ins: drawn anew without what the camera hid in them, sealed like the place, compared with those before. */
export class PhotosService {
  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {}

  async take(
    actor: Actor,
    checkInId: string,
    { nonce, capturedAt }: { nonce: string; capturedAt?: string | undefined },
    file: ReceivedFile,
  ): Promise<CheckInPhoto> {
    const { orgId, userId } = actor;
    const mark = await this.parts.marks.find(orgId, checkInId);
    if (mark?.userId !== userId) throw new NotFound('This check-in');
    allow(actor, 'check-ins.create', { userId });
    const picture = await drawn(await readFile(file.path));
    const seen = await this.seenBefore(orgId, checkInId, file.sha256, picture.hash);
    if (seen === 'the same')
      throw new HubError('PHOTO_DUPLICATE', 'This very photo was used before. Please take another.');
    const verdict = await this.verdictOn(mark, picture, seen !== null);
    const id = ulid(this.hub.now().getTime());
    const storageKey = `check-ins/${id.slice(0, 8)}/${id}.sealed`.toLowerCase();
    const sealed = await this.parts.keys.seal({ orgId, userId, id, at: mark.occurredAt }, picture.bytes);
    const place = await this.hub.use(configuration).storage.placeFor(orgId, 'photos');
    // The file first, under a name that no other has: a crash leaves one too many and never a row without.
    if (sealed) await place.store.put(storageKey, sealed, { type: 'application/octet-stream', size: sealed.length });
    const kept = { id, storageKey: sealed ? storageKey : null, targetId: place.target?.id ?? null, verdict, picture };
    const status = await this.keep(actor, mark, { ...kept, nonce, sha256: file.sha256, capturedAt });
    return { checkInId, verdict, status, sha256: file.sha256 };
  }

  /** Removes what has served its time. @returns how many */
  async drop(limit: number): Promise<number> {
    const rows = await this.hub.select<{ orgId: string; id: string; storageKey: string; targetId: string | null }>(
      `SELECT p.org_id AS orgId, p.id, p.storage_key AS storageKey, p.target_id AS targetId FROM check_in_photos p
        WHERE p.storage_key IS NOT NULL AND p.expires_at <= :now AND NOT EXISTS (SELECT 1 FROM location_holds h
          WHERE h.org_id = p.org_id AND h.user_id = p.user_id AND h.open_mark = 1) LIMIT :limit`,
      { now: this.hub.now(), limit },
    );
    for (const { orgId, id, storageKey, targetId } of rows) {
      const store = await this.storeOf(orgId, targetId);
      await store?.remove(storageKey);
      await this.hub.sequelize.query(
        "UPDATE check_in_photos SET storage_key = NULL, exif = '{}' WHERE org_id = :orgId AND id = :id",
        { replacements: { orgId, id } },
      );
    }
    return rows.length;
  }

  private async storeOf(orgId: string, targetId: string | null): Promise<FileStore | null> {
    const { storage } = this.hub.use(configuration);
    const place = targetId === null ? storage.ownFolder(orgId) : await storage.placeOf(orgId, targetId);
    return place?.store ?? null;
  }

  /** Any photo of the organisation in the last thirty days counts. */
  private async seenBefore(
    orgId: string,
    checkInId: string,
    sha256: string,
    hash: bigint,
  ): Promise<'the same' | 'nearly' | null> {
    const rows = await this.hub.select<{ sha256: string }>(
      `SELECT sha256 FROM check_in_photos WHERE org_id = :orgId AND created_at > :since AND check_in_id <> :checkInId
         AND (sha256 = :sha256 OR BIT_COUNT(phash ^ CAST(:hash AS UNSIGNED)) <= :nearly) LIMIT 50`,
      {
        orgId,
        checkInId,
        sha256,
        hash: hash.toString(),
        nearly: NEARLY_THE_SAME,
        since: new Date(this.hub.now().getTime() - LOOK_BACK_MS),
      },
    );
    if (rows.some((row) => row.sha256 === sha256)) return 'the same';
    return rows.length > 0 ? 'nearly' : null;
  }

  private async verdictOn(mark: Mark, picture: Drawn, isDuplicate: boolean): Promise<'ok' | 'mismatch' | 'duplicate'> {
    return verdictOf({
      isDuplicate,
      exifPlace: picture.place,
      exifAtMs: picture.atMs,
      fix: await placeOf(this.parts.keys, mark),
      occurredMs: mark.occurredAt.getTime(),
    });
  }

  private async keep(
    actor: Actor,
    { orgId, id: checkInId, userId }: Mark,
    photo: {
      readonly id: string;
      readonly storageKey: string | null;
      readonly targetId: string | null;
      readonly verdict: Verdict;
      readonly picture: Drawn;
      readonly nonce: string;
      readonly sha256: string;
      readonly capturedAt: string | undefined;
    },
  ): Promise<Mark['status']> {
    const now = this.hub.now();
    const profile = await this.parts.privacy.profileOf(orgId);
    const days = profile?.photoDays ?? 30;
    return this.hub.transact(async (after) => {
      const mark = await this.parts.marks.lock(orgId, checkInId);
      if (mark.status === 'voided' || mark.status === 'redacted')
        throw new Conflict('CHECK_IN_STATE', `This check-in is ${mark.status}.`);
      await this.parts.nonces.use(actor, photo.nonce, checkInId);
      await this.hub.sequelize
        .query(
          `INSERT INTO check_in_photos (org_id, id, check_in_id, user_id, storage_key, target_id, sha256, phash, captured_at, exif,
             nonce, verdict, expires_at, created_at)
           VALUES (:orgId, :id, :checkInId, :userId, :storageKey, :targetId, :sha256, :phash, :capturedAt, :exif, :nonce, :verdict,
             :expiresAt, :now)`,
          {
            replacements: {
              orgId,
              checkInId,
              userId,
              id: photo.id,
              storageKey: photo.storageKey,
              targetId: photo.targetId,
              sha256: photo.sha256,
              phash: photo.picture.hash.toString(),
              capturedAt: photo.capturedAt ? new Date(photo.capturedAt) : now,
              exif: JSON.stringify({ hadPlace: photo.picture.place !== null, at: photo.picture.atMs }),
              nonce: photo.nonce,
              verdict: photo.verdict,
              expiresAt: new Date(now.getTime() + days * DAY_MS),
              now,
            },
          },
        )
        .catch(onDuplicate((cause) => new Conflict('CHECK_IN_STATE', 'This check-in has its photo.', { cause })));
      await this.parts.marks.update(orgId, checkInId, { photo: photo.verdict });
      const judged = judgedAnew({ ...mark, photo: photo.verdict }, photo.verdict);
      if (judged.status !== mark.status || judged.reasons.join() !== mark.reasons.join())
        await this.parts.review.settle(mark, judged, 'reviewed', after);
      return judged.status;
    });
  }
}

/** What the photo says for or against it. Somebody who decided already is not overruled. */
function judgedAnew(mark: Mark, verdict: Verdict): Mark {
  const rest = mark.reasons.filter((reason) => reason !== 'photo_missing');
  if (verdict === 'ok') {
    const isClear =
      mark.reviewerId === null && rest.every((reason) => reason === 'late_upload' || reason === 'clock_skew');
    return { ...mark, reasons: rest, status: mark.status === 'flagged' && isClear ? 'accepted' : mark.status };
  }
  const added: ReviewReason = verdict === 'duplicate' ? 'photo_duplicate' : 'photo_mismatch';
  const signals =
    verdict === 'duplicate' ? [...mark.signals, { name: 'photo_reused', weight: weights.photo_reused }] : mark.signals;
  return {
    ...mark,
    signals,
    spoofScore: scoreOf(signals),
    reasons: [...rest, added],
    status: mark.status === 'accepted' && mark.reviewerId === null ? 'flagged' : mark.status,
  };
}
