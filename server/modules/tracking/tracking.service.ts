import { Fix, type FixesTaken, type ReportFixes, type Trackable } from '@loro/contracts/tracking';
import { type Actor, allow, fieldErrors, type Hub } from '../../platform';
import { Enrolment } from './enrolment.service';
import { annotate, FUTURE, LIVE_MS } from './fix.policy';
import { type FixRow, FixStore } from './fix.store';
import { FleetBoard, type LiveFix } from './fleet.board';
import { followTracks } from '@loro/contracts/tracking';

const POKE_MS = 250;

/** The way of a fix: permission, device, each fix for itself, group commit, ack, and then the screens. */
export class TrackingService {
  readonly board: FleetBoard;
  private readonly enrolment: Enrolment;
  private readonly store: FixStore;

  constructor(private readonly hub: Hub) {
    this.board = new FleetBoard(hub);
    this.enrolment = new Enrolment(hub);
    this.store = new FixStore(hub);
  }

  /** Resolves when every good fix of the batch is in MySQL. A bad one is named and does not hold back its neighbours. */
  async report(actor: Actor, { device, boot, fixes }: ReportFixes): Promise<FixesTaken> {
    allow(actor, 'tracking.report', { userId: actor.userId });
    const trackable = await this.enrolment.trackableOf(actor, device);
    const { good, rejected, upTo } = sort(fixes);

    const receivedAt = this.hub.now();
    const rows = this.annotated(good, trackable, { orgId: actor.orgId, device, boot, receivedAt });
    await this.store.add(rows);

    this.show(actor.orgId, trackable, rows);
    if (rows.length > 0) this.hub.poke(followTracks, POKE_MS);
    this.hub.metrics.fixes.inc({ outcome: 'stored' }, rows.length);
    this.hub.metrics.fixes.inc({ outcome: 'rejected' }, rejected.length);
    return { upTo, rejected };
  }

  private annotated(
    fixes: readonly Fix[],
    trackable: Trackable,
    batch: { orgId: string; device: string; boot: string; receivedAt: Date },
  ): FixRow[] {
    const nowMs = batch.receivedAt.getTime();
    let anchor = this.board.last(trackable.id);
    return fixes
      .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.n - b.n)
      .map((fix) => {
        const flags = annotate(fix, anchor, nowMs);
        if ((flags & FUTURE) === 0) anchor = liveFix(fix);
        return {
          ...batch,
          trackableId: trackable.id,
          n: fix.n,
          at: new Date(fix.at),
          segment: fix.segment ?? 0,
          latE7: Math.round(fix.lat * 1e7),
          lngE7: Math.round(fix.lng * 1e7),
          accuracy: fix.accuracy,
          altitude: fix.altitude ?? null,
          speed: fix.speed ?? null,
          heading: fix.heading ?? null,
          battery: fix.battery ?? null,
          flags,
        };
      });
  }

  private show(orgId: string, { id, key, branchId }: Trackable, rows: readonly FixRow[]): void {
    const newest = rows.findLast(({ flags }) => (flags & FUTURE) === 0);
    if (!newest || newest.at.getTime() < newest.receivedAt.getTime() - LIVE_MS) return;
    const { at, latE7, lngE7, accuracy, speed, heading } = newest;
    const fix = { at: at.getTime(), lat: latE7 / 1e7, lng: lngE7 / 1e7, accuracy, speed, heading };
    this.board.note({ id, key, orgId, branchId }, fix);
  }
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
