import type { NoticeStanding, PrivacyProfile, PrivacySettings } from '@loro/contracts/check-ins-privacy';
import type { AccessEntry } from '@loro/contracts/check-ins-values';
import type { z } from 'zod';
import {
  type Actor,
  allow,
  Forbidden,
  type Hub,
  HubError,
  NotFound,
  type Page,
  pageOf,
  Remembered,
  ulid,
} from '../../platform';
import { people } from '../people';

interface ProfileRow extends Omit<PrivacyProfile, 'trackOnlyOnShift' | 'reasonRequired'> {
  readonly trackOnlyOnShift: number;
  readonly reasonRequired: number;
}

/** When positions of people may be kept; the notice that they must have read. */
export interface WindowRule {
  readonly trackOnlyOnShift: boolean;
  readonly noticeVersion: number;
}

const COLUMNS = `notice_version AS noticeVersion, notice_text AS noticeText, coarse_after_days AS coarseAfterDays,
  raw_days AS rawDays, photo_days AS photoDays, track_only_on_shift AS trackOnlyOnShift, reason_required AS reasonRequired, version`;
const KEPT_MS = 30_000;
const READ_KEPT_MS = 10 * 60_000;

const toContract = (row: ProfileRow): PrivacyProfile => ({
  ...row,
  trackOnlyOnShift: Boolean(row.trackOnlyOnShift),
  reasonRequired: Boolean(row.reasonRequired),
});

/** What an organisation promises about where its people are, and who has read it. */
export class PrivacyService {
  private readonly profiles: Remembered<PrivacyProfile | null>;
  /** Only those who have read: whoever has not may do so this second. */
  private readonly read: Remembered<true>;
  private generation = 0;

  constructor(private readonly hub: Hub) {
    this.profiles = new Remembered(KEPT_MS, 5_000, hub.now);
    this.read = new Remembered(READ_KEPT_MS, 50_000, hub.now);
  }

  start(): void {
    this.hub.changes.onChange(({ userId }) => {
      if (userId === null) this.generation += 1;
    });
  }

  /** Null where the organisation promises nothing; remembered. */
  async profileOf(orgId: string): Promise<PrivacyProfile | null> {
    const key = `${this.generation}:${orgId}`;
    const known = this.profiles.get(key);
    if (known !== undefined) return known;
    const row = await this.hub.reads.one<ProfileRow>(`SELECT ${COLUMNS} FROM privacy_profiles WHERE org_id = ?`, [
      orgId,
    ]);
    const profile = row ? toContract(row) : null;
    this.profiles.set(key, profile);
    return profile;
  }

  async windowRule(orgId: string): Promise<WindowRule | null> {
    const profile = await this.profileOf(orgId);
    return profile && { trackOnlyOnShift: profile.trackOnlyOnShift, noticeVersion: profile.noticeVersion };
  }

  /** Whether somebody has read the newest notice, or there is none to be read. */
  async hasRead(orgId: string, userId: string): Promise<boolean> {
    const profile = await this.profileOf(orgId);
    if (!profile) return true;
    const key = `${orgId}:${userId}:${profile.noticeVersion}`;
    if (this.read.get(key)) return true;
    const row = await this.hub.reads.one(
      'SELECT 1 AS yes FROM notice_acks WHERE org_id = ? AND user_id = ? AND version = ?',
      [orgId, userId, profile.noticeVersion],
    );
    if (row) this.read.set(key, true);
    return row !== undefined;
  }

  /** @throws Forbidden NOTICE_REQUIRED */
  async mustHaveRead(orgId: string, userId: string): Promise<void> {
    if (!(await this.hasRead(orgId, userId)))
      throw new Forbidden('NOTICE_REQUIRED', 'Please read the newest privacy notice and say so.');
  }

  async get(actor: Actor): Promise<PrivacyProfile> {
    const profile = await this.profileOf(actor.orgId);
    if (!profile) throw new NotFound('A privacy profile');
    return profile;
  }

  async set(actor: Actor, settings: z.output<typeof PrivacySettings>): Promise<PrivacyProfile> {
    allow(actor, 'privacy.manage');
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const [row] = await this.hub.select<ProfileRow>(
        `SELECT ${COLUMNS} FROM privacy_profiles WHERE org_id = :orgId FOR UPDATE`,
        {
          orgId,
        },
      );
      const before = row && toContract(row);
      // An older notice cannot come back: who read it read less than the newest.
      if (before && settings.noticeVersion < before.noticeVersion)
        throw new HubError('VALIDATION_FAILED', 'Wrong: noticeVersion.', {
          errors: [{ path: 'noticeVersion', code: 'too_small', message: `is older than ${before.noticeVersion}` }],
        });
      const profile: PrivacyProfile = { ...settings, version: (before?.version ?? 0) + 1 };
      await this.hub.sequelize.query(
        `REPLACE INTO privacy_profiles (org_id, notice_version, notice_text, coarse_after_days, raw_days, photo_days,
           track_only_on_shift, reason_required, version)
         VALUES (:orgId, :noticeVersion, :noticeText, :coarseAfterDays, :rawDays, :photoDays, :trackOnlyOnShift, :reasonRequired, :version)`,
        { replacements: { orgId, ...profile } },
      );
      after.record({
        type: 'security_event',
        action: 'privacy-profile.set',
        entity: { type: 'privacy-profile', id: orgId },
        ...(before && { before }),
        after: profile,
      });
      await this.hub.changes.record({ orgId, userId: null, sessionId: null });
      this.hub.afterCommit(() => {
        this.generation += 1;
      });
      return profile;
    });
  }

  async notice({ orgId, userId }: Actor): Promise<z.output<typeof NoticeStanding>> {
    const profile = await this.profileOf(orgId);
    if (!profile) return { version: null, text: null, acknowledgedAt: null };
    const row = await this.hub.reads.one<{ at: Date }>(
      'SELECT at FROM notice_acks WHERE org_id = ? AND user_id = ? AND version = ?',
      [orgId, userId, profile.noticeVersion],
    );
    return { version: profile.noticeVersion, text: profile.noticeText, acknowledgedAt: row?.at.toISOString() ?? null };
  }

  async acknowledge(actor: Actor, version: number): Promise<z.output<typeof NoticeStanding>> {
    const { orgId, userId } = actor;
    const profile = await this.profileOf(orgId);
    if (profile?.noticeVersion !== version) throw new HubError('NOTICE_UNKNOWN', 'This is not the newest notice.');
    await this.hub.transact(async (after) => {
      const [, made] = await this.hub.sequelize.query(
        `INSERT INTO notice_acks (org_id, user_id, version, at) VALUES (:orgId, :userId, :version, :now)
         ON DUPLICATE KEY UPDATE org_id = org_id`,
        { replacements: { orgId, userId, version, now: this.hub.now() } },
      );
      if (made !== 0)
        after.record({
          type: 'user_action',
          action: 'notice.acknowledged',
          entity: { type: 'user', id: userId },
          data: { version },
        });
    });
    return this.notice(actor);
  }

  /** Notes that somebody looked at exact places; in the caller's transaction, so that nobody sees what is not noted. */
  async noteLook(
    actor: Actor,
    look: { readonly subjectId: string; readonly scope: string; readonly reason: string | null; readonly rows: number },
  ): Promise<void> {
    const now = this.hub.now();
    await this.hub.sequelize.query(
      `INSERT INTO location_access_log (org_id, id, viewer_id, subject_id, scope, reason, at, row_count)
       VALUES (:orgId, :id, :viewerId, :subjectId, :scope, :reason, :now, :rows)`,
      { replacements: { orgId: actor.orgId, id: ulid(now.getTime()), viewerId: actor.userId, now, ...look } },
    );
  }

  async looks(
    { orgId, userId }: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<AccessEntry>> {
    const [before = '~'] = this.hub.cursors.decode('looks', cursor) ?? [];
    const rows = await this.hub.select<Omit<AccessEntry, 'at' | 'viewerName'> & { at: Date }>(
      `SELECT id, viewer_id AS viewerId, scope, reason, at, row_count AS \`rows\` FROM location_access_log
        WHERE org_id = :orgId AND subject_id = :userId AND id < :before ORDER BY id DESC LIMIT :limit`,
      { orgId, userId, before, limit: limit + 1 },
    );
    const names = await this.hub.use(people).namesOf(orgId, [...new Set(rows.map(({ viewerId }) => viewerId))]);
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('looks', [id]),
      ({ at, ...row }) => ({ ...row, viewerName: names.get(row.viewerId) ?? '', at: at.toISOString() }),
    );
  }
}
