import type { CheckInType } from '@loro/contracts/check-ins-values';
import type { Actor, Hub } from '../../platform';
import { people } from '../people';
import { AlarmsService } from './alarms.service';
import { AttemptsStore } from './attempts.store';
import { BatchService } from './batch.service';
import { ChallengesService } from './challenges.service';
import { CheckInsService } from './check-ins.service';
import { DailyReportService } from './daily-report.service';
import { DevicesService } from './devices.service';
import { DutyNews } from './duty-news';
import type { DutySpan } from './duty.policy';
import { DutyService } from './duty.service';
import { DutyStore } from './duty.store';
import { JudgingService } from './judging.service';
import { LocationKeys, type Sealing } from './location-keys';
import { type Mark, MarkStore } from './mark.store';
import { MeetingCodes } from './meeting-codes';
import { PairsStore } from './pairs.store';
import { PhotoNonces } from './photo-nonces';
import { PhotosService } from './photos.service';
import { PrivacyService, type WindowRule } from './privacy.service';
import { RecordingService } from './recording.service';
import { RecordsService } from './records.service';
import { RequestsService } from './requests.service';
import { RetentionService } from './retention.service';
import { ReviewService } from './review.service';
import { RulesService } from './rules.service';
import { StandingService } from './standing.service';
import { counts } from './states.policy';
import { StayPlaces } from './stay-places';
import { Suggestions } from './suggestions';
import { type CheckInHooks, TargetsBook } from './targets';
import { WatchService } from './watch.service';

/** A check-in as attendance needs it. */
export interface CheckInEvidence {
  readonly checkInId: string;
  readonly userId: string;
  readonly branchId: string;
  readonly type: CheckInType;
  readonly kind: 'in' | 'out' | 'visit';
  readonly at: Date;
  readonly tz: string;
  readonly localDate: string;
  readonly status: Mark['status'];
  /** Whether it makes a punch. */
  readonly counts: boolean;
  readonly verification: 'verified' | 'unverified' | 'remote' | 'failed';
  readonly decision: Mark['decision'];
  readonly insideP: number | null;
  readonly spoofScore: number;
  readonly reasons: Mark['reasons'];
  readonly deviceId: string | null;
  readonly pairId: string | null;
}

/** Check-ins and their evidence, devices, rules, photos, duty and privacy. */
export class CheckInsRoom {
  readonly checkIns: CheckInsService;
  readonly recording: RecordingService;
  readonly batch: BatchService;
  readonly records: RecordsService;
  readonly review: ReviewService;
  readonly photos: PhotosService;
  readonly nonces: PhotoNonces;
  readonly rules: RulesService;
  readonly devices: DevicesService;
  readonly codes: MeetingCodes;
  readonly privacy: PrivacyService;
  readonly requests: RequestsService;
  readonly retention: RetentionService;
  readonly duty: DutyService;
  readonly challenges: ChallengesService;
  readonly alarms: AlarmsService;
  readonly watch: WatchService;
  readonly reports: DailyReportService;
  readonly attempts: AttemptsStore;
  private readonly marks: MarkStore;
  private readonly keys: LocationKeys;
  private readonly standing: StandingService;
  private readonly targets = new TargetsBook();
  private readonly news: DutyNews;

  constructor(private readonly hub: Hub) {
    const { targets } = this;
    const marks = new MarkStore(hub);
    const pairs = new PairsStore(hub);
    const keys = new LocationKeys(hub);
    const dutyStore = new DutyStore(hub);
    const rules = new RulesService(hub);
    this.marks = marks;
    this.keys = keys;
    this.rules = rules;
    this.news = new DutyNews(hub);
    this.privacy = new PrivacyService(hub);
    this.devices = new DevicesService(hub);
    this.codes = new MeetingCodes(hub);
    this.nonces = new PhotoNonces(hub);
    this.attempts = new AttemptsStore(hub);
    this.standing = new StandingService(hub, rules, targets);
    this.duty = new DutyService(hub, dutyStore, this.news);
    const { privacy, devices, codes, nonces, attempts, standing, duty } = this;
    const judging = new JudgingService(hub, { devices, standing, targets, marks, keys, codes });
    const suggestions = new Suggestions(hub);
    this.recording = new RecordingService(hub, {
      judging,
      marks,
      pairs,
      keys,
      duty,
      privacy,
      attempts,
      nonces,
      suggestions,
    });
    const { recording } = this;
    this.batch = new BatchService(recording);
    this.checkIns = new CheckInsService(hub, { recording, places: new StayPlaces(keys, privacy) });
    this.records = new RecordsService(hub, { marks, keys, privacy });
    this.review = new ReviewService(hub, { marks, pairs, duty, records: this.records, recording });
    const { review } = this;
    this.photos = new PhotosService(hub, { marks, keys, nonces, privacy, review });
    this.requests = new RequestsService(hub, { marks, keys });
    this.retention = new RetentionService(hub, { marks, keys, photos: this.photos });
    this.challenges = new ChallengesService(hub, { duty: dutyStore, rules, keys, marks, review });
    this.alarms = new AlarmsService(hub, { duty: dutyStore, keys });
    this.watch = new WatchService(hub, { marks, pairs, duty, recording, rules });
    this.reports = new DailyReportService(hub);
  }

  start(): void {
    this.keys.start();
    this.rules.start();
    this.privacy.start();
    this.standing.start();
    this.hub.use(people).hook({
      onErase: ({ orgId, id }, after) => this.requests.erase(orgId, id, after),
      onExport: async ({ orgId, id }) => ({ checkIns: await this.requests.exportOf(orgId, id) }),
    });
  }

  stop(): void {
    this.news.stop();
  }

  /** Rooms of higher floors tell what they know of targets, plans and closed periods. */
  hook(hooks: CheckInHooks): void {
    this.targets.add(hooks);
  }

  /** Answers when the question came and when the answer left; a device that says how its steady clock runs is remembered. */
  async syncTime(
    actor: Actor,
    {
      c0: wallMs,
      deviceId,
      bootId,
      monoMs,
    }: { c0: number; deviceId?: string | undefined; bootId?: string | undefined; monoMs?: number | undefined },
  ): Promise<{ s1: number; s2: number }> {
    const s1 = this.hub.now().getTime();
    if (deviceId !== undefined) await this.devices.trusted(actor.orgId, deviceId);
    if (deviceId !== undefined && bootId !== undefined && monoMs !== undefined)
      await this.devices.sync(actor.orgId, { deviceId, bootId, monoMs, wallMs });
    await this.duty.heard(actor.orgId, actor.userId);
    return { s1, s2: this.hub.now().getTime() };
  }

  /** A check-in as it is now. */
  async evidenceOf(orgId: string, checkInId: string): Promise<CheckInEvidence | null> {
    const mark = await this.marks.find(orgId, checkInId);
    return mark && evidence(mark);
  }

  /** On-duty time of people between two instants, earliest first; breaks are not duty. */
  dutyOf(orgId: string, userIds: readonly string[], from: Date, to: Date): Promise<Map<string, DutySpan[]>> {
    return this.duty.dutyOf(orgId, userIds, from, to);
  }

  /** `listener` hears, on every node, whose on-duty time changed: whatever was remembered of it counts no more. */
  onDuty(listener: (orgId: string, userId: string) => void): void {
    this.news.on(listener);
  }

  /** Null where the organisation has no privacy profile: no window, and no notice to be read. Remembered. */
  windowRule(orgId: string): Promise<WindowRule | null> {
    return this.privacy.windowRule(orgId);
  }

  /** Whether a person has read the newest notice, or there is none. Remembered. */
  hasRead(orgId: string, userId: string): Promise<boolean> {
    return this.privacy.hasRead(orgId, userId);
  }

  /** Seals a position under the key of its person and month; null where that key was destroyed. */
  seal(whose: Sealing, plain: Uint8Array): Promise<Buffer | null> {
    return this.keys.seal(whose, plain);
  }

  /** Null where the key was destroyed. */
  open(whose: Sealing, sealed: Buffer): Promise<Buffer | null> {
    return this.keys.open(whose, sealed);
  }

  /** The device of somebody said something. */
  heard(orgId: string, userId: string): Promise<unknown> | undefined {
    return this.duty.heard(orgId, userId);
  }

  /** Somebody left a fence; where a rule says so, that checks out. */
  leftFence(orgId: string, userId: string, fenceId: string, at: Date): Promise<boolean> {
    return this.watch.leftFence(orgId, userId, fenceId, at);
  }
}

function evidence(mark: Mark): CheckInEvidence {
  const { id: checkInId, occurredAt: at, status, pays } = mark;
  const { userId, branchId, type, kind, tz, localDate, decision, insideP, spoofScore, reasons, deviceId, pairId } =
    mark;
  return {
    checkInId,
    userId,
    branchId,
    type,
    kind,
    at,
    tz,
    localDate,
    status,
    counts: counts(status, pays),
    verification: verificationOf(mark),
    decision,
    insideP,
    spoofScore,
    reasons,
    deviceId,
    pairId,
  };
}

function verificationOf({ status, type, decision }: Mark): CheckInEvidence['verification'] {
  if (status === 'rejected' || status === 'voided' || status === 'superseded') return 'failed';
  if (type === 'remote') return 'remote';
  return status === 'accepted' && decision === 'inside' ? 'verified' : 'unverified';
}
