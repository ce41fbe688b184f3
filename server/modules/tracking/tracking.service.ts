import { Fix, type FixesTaken, type ReportFixes, type Trackable } from '@loro/contracts/tracking';
import { computeDays, followTracks } from '@loro/contracts/tracking-jobs';
import { type Actor, allow, fieldErrors, type Hub } from '../../platform';
import { checkIns } from '../check-ins';
import { Enrolment, type Reports } from './enrolment.service';
import { isPlainFix } from './fix.check';
import { annotate, FUTURE, LIVE_MS, type LiveFix } from './fix.policy';
import { type FixRow, FixStore } from './fix.store';
import { FleetBoard } from './fleet.board';
import { FleetMirror } from './fleet.mirror';
import { NewestStore } from './newest.store';
import { PaceSetter } from './pace';
import { Windows } from './windows';

/** How far MySQL's newest positions may lag behind what this node acknowledged; a reader here does not wait for it. */
const RAISE_MS = 1_000;
/** How often trips and stops are brought up to date while somebody is under way. */
const ADD_UP_MS = 5_000;

/** The way of a fix: permission, device, each fix for itself, group commit, ack, and then the screens. */
export class TrackingService {
  readonly board: FleetBoard;
  readonly newest: NewestStore;
  readonly mirror: FleetMirror;
  private raising: NodeJS.Timeout | undefined;
  readonly enrolment: Enrolment;
  readonly windows: Windows;
  private readonly store: FixStore;
  private readonly pace: PaceSetter;

  constructor(private readonly hub: Hub) {
    this.newest = new NewestStore(hub);
    this.mirror = new FleetMirror(hub);
    this.board = new FleetBoard(hub, this.mirror, () => this.newest.raise());
    this.enrolment = new Enrolment(hub);
    this.windows = new Windows(hub);
    this.store = new FixStore(hub);
    this.pace = new PaceSetter(hub);
  }

  /** Resolves when every good fix of the batch is in MySQL. A bad one is named and does not hold back its neighbours. */
  report(actor: Actor, batch: ReportFixes): Promise<FixesTaken> {
    allow(actor, 'tracking.report', { userId: actor.userId });
    const known = this.enrolment.known(actor, batch.device);
    // Not awaited where it is known, which is nearly always: a phone reports all day.
    if (known) return this.take(actor, known, batch);
    return this.enrolment.trackableOf(actor, batch.device).then((trackable) => this.take(actor, trackable, batch));
  }

  private take(actor: Actor, trackable: Reports, batch: ReportFixes): Promise<FixesTaken> {
    const { good, rejected, upTo } = sort(batch.fixes);
    const { fixes: counted } = this.hub.metrics;
    if (rejected.length > 0) counted.inc({ outcome: 'rejected' }, rejected.length);
    if (good.length === 0) return Promise.resolve({ upTo, rejected });
    if (trackable.userId === actor.userId) this.heard(actor);
    if (this.windows.isFree(actor.orgId, trackable)) return this.put(actor, trackable, batch, good, { upTo, rejected });
    return this.windows.keep(actor.orgId, trackable, good).then((kept) => {
      const offWindow = good.length - kept.length;
      if (offWindow === 0) return this.put(actor, trackable, batch, good, { upTo, rejected });
      counted.inc({ outcome: 'off_window' }, offWindow);
      const answer = { upTo, rejected, offWindow };
      return kept.length === 0 ? answer : this.put(actor, trackable, batch, kept, answer);
    });
  }

  /** A phone that reports over HTTP is connected to nobody, and yet not silent. */
  private heard({ orgId, userId }: Actor): void {
    this.hub
      .use(checkIns)
      .heard(orgId, userId)
      ?.catch((error: unknown) => this.hub.log.warn({ err: error }, 'that a phone was heard was not noted'));
  }

  private put(
    actor: Actor,
    trackable: Reports,
    { device, boot }: ReportFixes,
    fixes: readonly Fix[],
    answer: FixesTaken,
  ): Promise<FixesTaken> {
    const rows = this.annotated(fixes, trackable, { orgId: actor.orgId, device, boot });
    return new Promise((resolve, reject) => {
      this.store.add(rows, reject, (group) => {
        this.newest.note(rows, group);
        this.show(actor.orgId, trackable, rows);
        this.board.wake();
        this.raising ??= setTimeout(() => void this.raise(), RAISE_MS);
        this.hub.metrics.storedFixes.n += rows.length;
        const battery = rows.at(-1)?.battery ?? null;
        resolve({ ...answer, ...this.pace.answer(actor, trackable, boot, battery) });
      });
    });
  }

  /** Tells what has not been told, and raises what has not been raised. */
  async stop(): Promise<void> {
    await this.board.stop();
    if (this.raising !== undefined) await this.raise();
    clearTimeout(this.raising);
  }

  private async raise(): Promise<void> {
    clearTimeout(this.raising);
    this.raising = undefined;
    try {
      await this.newest.raise();
      this.hub.poke(followTracks, RAISE_MS);
      this.hub.poke(computeDays, ADD_UP_MS);
    } catch (error) {
      this.hub.log.warn({ err: error }, 'newest positions could not be raised, will repeat');
      this.raising ??= setTimeout(() => void this.raise(), RAISE_MS);
    }
  }

  private annotated(
    fixes: readonly Fix[],
    { id: trackableId }: Trackable,
    batch: { orgId: string; device: string; boot: string },
  ): FixRow[] {
    const receivedAt = this.hub.now().getTime();
    let anchor = this.board.last(trackableId);
    return inTime(fixes).map((fix) => {
      const flags = annotate(fix, anchor, receivedAt);
      const live = liveFix(fix);
      if ((flags & FUTURE) === 0) anchor = live;
      return {
        orgId: batch.orgId,
        device: batch.device,
        boot: batch.boot,
        trackableId,
        receivedAt,
        n: fix.n,
        at: live.at,
        segment: fix.segment ?? 0,
        latE7: Math.round(fix.lat * 1e7),
        lngE7: Math.round(fix.lng * 1e7),
        accuracy: fix.accuracy,
        altitude: fix.altitude ?? null,
        speed: live.speed,
        heading: live.heading,
        battery: fix.battery ?? null,
        flags,
        speedAccuracy: fix.speedAccuracy ?? null,
        odometer: fix.odometer ?? null,
      };
    });
  }

  private show(orgId: string, { id, key, branchId }: Trackable, rows: readonly FixRow[]): void {
    const newest = rows.findLast(({ flags }) => (flags & FUTURE) === 0);
    if (!newest || newest.at < newest.receivedAt - LIVE_MS) return;
    const { at, latE7, lngE7, accuracy, speed, heading } = newest;
    this.board.note({ id, key, orgId, branchId }, { at, lat: latE7 / 1e7, lng: lngE7 / 1e7, accuracy, speed, heading });
  }
}

/** Most batches are in order already, and most hold one fix. */
function inTime(fixes: readonly Fix[]): readonly Fix[] {
  if (fixes.length === 1) return fixes;
  return fixes.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.n - b.n);
}

const liveFix = ({ at, lat, lng, accuracy, speed, heading }: Fix): LiveFix => ({
  at: Date.parse(at),
  lat,
  lng,
  accuracy,
  speed: speed ?? null,
  heading: heading ?? null,
});

function sort(fixes: readonly unknown[]): { good: Fix[]; rejected: FixesTaken['rejected']; upTo: number } {
  const good: Fix[] = [];
  const rejected: FixesTaken['rejected'] = [];
  let upTo = 0;
  for (const [index, raw] of fixes.entries()) {
    if (isPlainFix(raw)) {
      good.push(raw);
      upTo = Math.max(upTo, raw.n);
      continue;
    }
    const parsed = Fix.safeParse(raw);
    const n = parsed.success ? parsed.data.n : readableN(raw);
    if (n !== null) upTo = Math.max(upTo, n);
    if (parsed.success) good.push(parsed.data);
    else rejected.push({ index, n, errors: fieldErrors(parsed.error) });
  }
  return { good, rejected, upTo };
}

function readableN(raw: unknown): number | null {
  if (typeof raw !== 'object' || raw === null || !('n' in raw)) return null;
  return typeof raw.n === 'number' && Number.isInteger(raw.n) && raw.n > 0 && raw.n < 2 ** 31 ? raw.n : null;
}
