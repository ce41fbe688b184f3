import type { RuleSettings } from '@loro/contracts/check-ins-setup';
import type { RecordCheckIn, Signal } from '@loro/contracts/check-ins-values';
import { Temporal } from 'temporal-polyfill';
import { type Actor, context, type Hub, HubError, dateIn } from '../../platform';
import { branches } from '../branches';
import type { DeviceRow, DevicesService } from './devices.service';
import { isPlain, scoreOf, signalsOf } from './fraud.policy';
import { decide, intake, type IntakeFacts, refusalOfReading, type Verdict } from './intake.policy';
import type { LocationKeys } from './location-keys';
import type { MarkStore } from './mark.store';
import type { MeetingCodes } from './meeting-codes';
import { placeOf } from './places';
import { type Standing, type StandingService, zoneAt } from './standing.service';
import type { TargetsBook } from './targets';
import { type Moment, momentOf } from './time.policy';
import { isInWindow } from './visits.policy';

const SHARED_MS = 10 * 60_000;

/** Everything that is known of a check-in before it is kept. */
export interface Judged {
  readonly moment: Moment;
  readonly at: Date;
  readonly tz: string;
  readonly localDate: string;
  readonly standing: Standing;
  readonly decision: ReturnType<typeof decide>;
  readonly signals: readonly Signal[];
  readonly score: number;
  readonly verdict: Exclude<Verdict, { readonly refused: unknown }>;
}

interface Parts {
  readonly devices: DevicesService;
  readonly standing: StandingService;
  readonly targets: TargetsBook;
  readonly marks: MarkStore;
  readonly keys: LocationKeys;
  readonly codes: MeetingCodes;
}

export const isLive = (input: Pick<RecordCheckIn, 'live'>): boolean => input.live !== false;

/** Says when, where and how surely a check-in was, and what is to become of it. */
export class JudgingService {
  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {}

  /** @throws HubError where it is refused; nothing was written */
  async judge(actor: Actor, input: RecordCheckIn): Promise<Judged> {
    const device = input.deviceId === undefined ? null : await this.parts.devices.trusted(actor.orgId, input.deviceId);
    const isSigned = device ? this.isSigned(device, input) : null;
    const claimed = new Date(isLive(input) ? this.hub.now() : (input.wallMs ?? this.hub.now()));
    const standing = await this.parts.standing.of(actor, input, input.position ?? null, claimed.getTime());
    const { rule } = standing;
    if (rule.needsDevice && !device)
      throw new HubError('DEVICE_NOT_ENROLLED', 'This kind of check-in has to come from an enrolled device.');
    const moment = await this.momentOf(actor.orgId, input, rule, isSigned === true);
    const at = new Date(moment.occurredMs);
    this.mustFitMeeting(actor.orgId, input, standing, moment.occurredMs);
    this.mustRead(input, rule);
    const when = await this.zoneOf(actor.orgId, standing.branchId, input, at);
    const decision = decide(standing.fence?.insideP ?? null, rule);
    const signals = await this.signals(actor, input, { isSigned, moment, standing });
    const facts = await this.facts(actor, input, { moment, standing, decision, signals, localDate: when.localDate });
    const verdict = intake(facts, rule);
    if ('refused' in verdict) throw refusal(verdict.refused, standing);
    return { moment, at, ...when, standing, decision, signals, score: facts.score, verdict };
  }

  private isSigned(device: DeviceRow, { signature, ...signed }: RecordCheckIn): boolean {
    return this.parts.devices.isSigned(device, signed, signature ?? '');
  }

  private async momentOf(orgId: string, input: RecordCheckIn, rule: RuleSettings, isSigned: boolean): Promise<Moment> {
    const live = isLive(input);
    const claimMs = input.wallMs ?? null;
    const receivedMs = this.hub.now().getTime();
    const boots = live || input.deviceId === undefined ? [] : await this.parts.devices.bootsOf(orgId, input.deviceId);
    const same = boots.find(({ bootId }) => bootId === input.bootId) ?? null;
    const newest = boots.at(-1);
    const guess = (claimMs ?? receivedMs) - (newest?.clockOffsetMs ?? 0);
    const earlier = boots.findLast(({ firstServerMs }) => firstServerMs <= guess);
    const later = boots.find(({ firstServerMs }) => firstServerMs > guess);
    return momentOf({
      live,
      receivedMs,
      claimMs,
      monoMs: input.monoMs ?? null,
      sync: same,
      isSigned,
      beforeMs: earlier?.serverMs ?? null,
      afterMs: later?.firstServerMs ?? null,
      clockOffsetMs: earlier?.clockOffsetMs ?? 0,
      offlineMaxHours: rule.offlineMaxHours,
    });
  }

  private mustFitMeeting(orgId: string, input: RecordCheckIn, { startsAt, rule }: Standing, atMs: number): void {
    const { type, kind, target, meeting } = input;
    if (type !== 'meeting' || kind === 'out') return;
    if (startsAt && !isInWindow(atMs, startsAt.getTime()))
      throw new HubError('MEETING_WINDOW', 'Check in from 15 minutes before to 30 minutes after the meeting begins.');
    const code = meeting?.code;
    if (code === undefined && !rule.needsCode) return;
    if (!target || code === undefined || !this.parts.codes.isRight(orgId, target.id, code, atMs))
      throw new HubError('MEETING_CODE', 'This is not the code that the room shows.');
  }

  private mustRead(input: RecordCheckIn, rule: RuleSettings): void {
    const { position, forceReview = false } = input;
    const reading = position ? { ...position, ageMs: position.ageMs ?? 0 } : null;
    const refused = refusalOfReading(reading, rule, { live: isLive(input), forceReview });
    if (refused)
      throw new HubError(refused, SENTENCES[refused] ?? 'This place cannot be taken.', {
        errors: [{ path: 'position', code: refused.toLowerCase(), message: SENTENCES[refused] ?? refused }],
      });
  }

  /** The zone of the branch for work there, else the phone’s own. */
  private async zoneOf(orgId: string, branchId: string, { type, tz }: RecordCheckIn, at: Date) {
    const calendar = await this.hub.use(branches).calendarOf(orgId, branchId);
    if (type === 'office' || tz === undefined) return { tz: calendar.zoneAt(at), localDate: calendar.dateOf(at) };
    return { tz, localDate: dateIn(at, tz) };
  }

  private async signals(
    actor: Actor,
    input: RecordCheckIn,
    known: { isSigned: boolean | null; moment: Moment; standing: Standing },
  ): Promise<Signal[]> {
    const { position, device, before = [], tz } = input;
    const { moment, standing } = known;
    const at = new Date(moment.occurredMs);
    const last = position ? await this.lastSeen(actor, at) : null;
    return signalsOf({
      mock: position?.mock ?? false,
      isEmulator: device?.isEmulator ?? false,
      isAttestationFailed: device?.attestation === 'failed',
      isRooted: device?.isRooted ?? false,
      isSignatureValid: known.isSigned,
      isPhotoReused: false,
      isIpCountryOther: position ? await this.isAddressElsewhere(actor.orgId, position) : false,
      isZoneOther: position && tz !== undefined ? isOtherZone(position, tz, moment.occurredMs) : false,
      isClockSkewed: moment.isSkewed,
      isDeviceShared: input.deviceId === undefined ? false : await this.isShared(actor, input.deviceId, at),
      readings: position ? [...before, position] : before,
      motion: {
        altitude: position?.altitude ?? null,
        speed: position?.speed ?? null,
        heading: position?.heading ?? null,
      },
      fenceCentre: standing.fence?.center ?? null,
      now: position ? { ...position, atMs: moment.occurredMs } : null,
      last,
    });
  }

  private async facts(
    { orgId, userId }: Actor,
    input: RecordCheckIn,
    judged: Pick<Judged, 'moment' | 'standing' | 'decision' | 'signals' | 'localDate'>,
  ): Promise<IntakeFacts & { score: number }> {
    const { moment, standing, decision, signals, localDate } = judged;
    const isMock = signals.some(({ name }) => name === 'mock');
    const { targets } = this.parts;
    const isElsewhere = input.type === 'remote' && (await targets.isPlannedElsewhere(orgId, userId, localDate));
    return {
      live: isLive(input),
      source: moment.source,
      isUnsure: moment.isUnsure,
      isLate: moment.isLate,
      isSkewed: moment.isSkewed,
      timeRefusal: moment.refusal,
      decision,
      hasNoFence: standing.rule.fence === 'required' && !standing.fence,
      isInaccurate: standing.rule.fence !== 'none' && (input.position?.accuracy ?? 0) > standing.rule.maxAccuracyM,
      score: scoreOf(signals),
      plainSign: isMock ? 'mock' : isPlain(signals) ? 'device' : null,
      isPeriodLocked: await targets.isLocked(orgId, userId, localDate),
      doubts: isElsewhere ? ['not_on_roster'] : [],
    };
  }

  private async lastSeen({ orgId, userId }: Actor, at: Date) {
    const mark = await this.parts.marks.lastPlaced(orgId, userId, at);
    if (!mark) return null;
    const place = await placeOf(this.parts.keys, mark);
    return place && { ...place, atMs: mark.occurredAt.getTime() };
  }

  private async isShared({ orgId, userId }: Actor, deviceId: string, at: Date): Promise<boolean> {
    const rows = await this.hub.select(
      `SELECT id FROM check_in_marks WHERE org_id = :orgId AND device_id = :deviceId AND user_id <> :userId
         AND occurred_at BETWEEN :from AND :to LIMIT 1`,
      { orgId, deviceId, userId, from: new Date(at.getTime() - SHARED_MS), to: new Date(at.getTime() + SHARED_MS) },
    );
    return rows.length > 0;
  }

  private async isAddressElsewhere(orgId: string, place: { lat: number; lng: number }): Promise<boolean> {
    const ip = context().caller?.ip;
    return ip !== undefined && this.parts.targets.isAddressElsewhere(orgId, ip, place);
  }
}

const SENTENCES: Partial<Record<string, string>> = {
  LOCATION_REQUIRED: 'This kind of check-in needs a place.',
  LOCATION_STALE: 'The reading of the place is older than two minutes.',
  LOCATION_TOO_INACCURATE: 'The place is not known well enough. Wait a moment for a better reading.',
  LOCATION_INVALID: 'Nobody works at 0° N 0° E.',
  MOCK_LOCATION: 'The phone says that its place is made up.',
  DEVICE_UNSOUND: 'This is not a phone that can be trusted.',
  CHECKIN_IN_FUTURE: 'This lies in the future.',
  CHECKIN_TOO_OLD: 'This is too long ago. Ask for a correction instead.',
};

function refusal(code: Extract<Verdict, { refused: unknown }>['refused'], { fence }: Standing): HubError {
  if (code !== 'OUTSIDE_GEOFENCE') return new HubError(code, SENTENCES[code] ?? 'This cannot be taken.');
  const distanceM = Math.max(0, Math.round(-(fence?.signedDistanceM ?? 0)));
  return new HubError(code, `You are ${distanceM} m away from where this can be done.`, {
    errors: [{ path: 'position', code: 'outside', message: `is ${distanceM} m outside` }],
    current: { distanceM },
  });
}

/** Whether clocks at the place show another time than the phone’s zone says. */
function isOtherZone(place: { lat: number; lng: number }, tz: string, atMs: number): boolean {
  const zone = zoneAt(place);
  if (zone === null) return false;
  const at = Temporal.Instant.fromEpochMilliseconds(Math.round(atMs));
  return at.toZonedDateTimeISO(zone).offsetNanoseconds !== at.toZonedDateTimeISO(tz).offsetNanoseconds;
}
