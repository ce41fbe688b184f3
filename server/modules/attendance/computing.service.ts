import { createHash } from 'node:crypto';
import { attendanceLive } from '@loro/contracts/attendance-live';
import { type After, type Hub, ulid } from '../../platform';
import type { ClaimingService } from './claiming.service';
import { type ComputedDay, computePerson, spanAround } from './compute.policy';
import type { DaysStore, Slot } from './days.store';
import { detailOf } from './detail.policy';
import type { FactsService, LoadedPerson, Span } from './facts.service';
import type { Neighbours } from './neighbours';
import type { DayPunch } from './pairing.policy';
import type { Changes, TellingService } from './telling.service';

export interface Computed {
  readonly days: number;
  readonly written: number;
}

interface Batch extends Changes {
  /** What was asked for; of the rest of these weeks only what has facts is made. */
  readonly asked: Span;
  readonly watches: (Slot & { readonly dueMs: number })[];
  readonly unwatched: Slot[];
}

/** Days computed from their facts and written where they differ: whoever asks, in whatever order, the same comes out. */
export class ComputingService {
  constructor(
    private readonly hub: Hub,
    private readonly facts: FactsService,
    private readonly store: DaysStore,
    private readonly neighbours: Neighbours,
    private readonly claiming: ClaimingService,
    private readonly telling: TellingService,
  ) {}

  /** The days of these people from a date to a date, both included, and what of their weeks depends on them. */
  async compute(orgId: string, userIds: readonly string[], from: string, to: string): Promise<Computed> {
    return this.hub.transact(async (after) => {
      await this.store.lock(orgId, userIds);
      const span = await this.spanOf(orgId, from, to);
      const { people } = await this.facts.load(orgId, userIds, span);
      const batch: Batch = {
        orgId,
        asked: { from, to },
        days: [],
        removed: [],
        watches: [],
        unwatched: [],
        claims: [],
      };
      let days = 0;
      for (const person of people) {
        const rows = await this.rowsOf(orgId, person, span);
        days += rows.length;
        for (const row of rows) await this.settle(row, person, batch, after);
        this.removeStale(rows, person, batch, span);
        await this.withdrawStale(rows, person, orgId, after);
      }
      await this.write(batch, after);
      return { days, written: batch.days.length + batch.removed.length };
    });
  }

  private async spanOf(orgId: string, from: string, to: string): Promise<Span> {
    return spanAround(from, to, await this.facts.weekStarts(orgId));
  }

  /** Computed once, and once more with the signs of life that the first time asked for. */
  private async rowsOf(orgId: string, { person, facts }: LoadedPerson, { from, to }: Span): Promise<ComputedDay[]> {
    const rows = computePerson(facts, from, to);
    const asks = rows.flatMap(({ judged }) => judged.asks);
    if (asks.length === 0 || this.neighbours.evidence.length === 0) return rows;
    const evidence = new Map<string, number | null>();
    for (const { punchId, fromMs, toMs } of asks) {
      const signs: number[] = [];
      for (const ask of this.neighbours.evidence) {
        const sign = await ask(orgId, person.userId, new Date(fromMs), new Date(toMs));
        if (sign) signs.push(sign.getTime());
      }
      evidence.set(punchId, signs.length === 0 ? null : Math.max(...signs));
    }
    return computePerson({ ...facts, evidence }, from, to);
  }

  private async settle(row: ComputedDay, person: LoadedPerson, batch: Batch, after: After): Promise<void> {
    const { facts, judged, slot, key } = row;
    const { orgId } = batch;
    const { userId } = person.person;
    const { date, branchId } = facts;
    const stored = person.stored.get(slot);
    const at: Slot = { userId, date, key };
    this.watch(row, at, person, batch);
    if (person.isLocked(date, stored?.branchId ?? branchId)) {
      await this.noteLate(row, person, orgId, after);
      return;
    }
    await this.alert(row, at, person, orgId, after);
    const isAsked = batch.asked.from <= date && date <= batch.asked.to && date <= person.today;
    const isDue = judged.status !== null && (row.punches.length > 0 || (isAsked && judged.status !== 'expected'));
    if (!stored && !isDue) return;
    if (stored && judged.status === null) {
      batch.removed.push({ ...stored, branchId: stored.branchId });
      return;
    }
    if (stored?.inputsHash === row.inputsHash) return;
    const id = stored?.id ?? ulid();
    const version = (stored?.version ?? 0) + 1;
    const punchesHash = hashOf(row.punches);
    batch.days.push({ id, row, detail: detailOf(row), punchesHash, version, userId, isNew: !stored });
    const claims = await this.claiming.settle(orgId, row, { dayId: id, userId }, person.claims.get(slot) ?? []);
    batch.claims.push(...claims);
  }

  private watch(
    { slot, judged, facts, punches }: ComputedDay,
    at: Slot,
    { watches, today }: LoadedPerson,
    batch: Batch,
  ): void {
    const known = watches.get(slot);
    // Later days are looked at when they begin.
    const isNear = facts.date <= today || punches.length > 0;
    const dueMs = isNear ? judged.nextMs : null;
    if (dueMs === null) {
      if (known) batch.unwatched.push(at);
      return;
    }
    if (known?.dueAt.getTime() !== dueMs) batch.watches.push({ ...at, dueMs });
  }

  /** Somebody who did not come is told of once, and once more when he came after all. */
  private async alert(row: ComputedDay, at: Slot, person: LoadedPerson, orgId: string, after: After): Promise<void> {
    const { judged, occurrence, facts, slot } = row;
    const known = person.alerts.get(slot);
    const startsAt = new Date(occurrence?.startMs ?? 0);
    const told = (alertId: string) => ({
      alertId,
      userId: at.userId,
      workDate: at.date,
      startsAt: startsAt.toISOString(),
    });
    if (judged.isMissing && !known) {
      const id = ulid();
      await this.store.openAlert(orgId, { ...at, id, branchId: facts.branchId, startsAt });
      if (facts.branchId !== null)
        after.publish(attendanceLive, 'attendance:absent', { orgId, id: facts.branchId }, told(id));
      return;
    }
    const isThere =
      row.punches.length > 0 ||
      judged.status === 'on_leave' ||
      judged.status === 'excused' ||
      judged.status === 'holiday' ||
      judged.status === 'weekly_off';
    if (!known || known.withdrawnAt !== null || !isThere) return;
    await this.store.withdrawAlert(orgId, known.id);
    if (facts.branchId !== null)
      after.publish(attendanceLive, 'attendance:absence-withdrawn', { orgId, id: facts.branchId }, told(known.id));
  }

  /** A locked day stays; that something came for it is noted. */
  private async noteLate(row: ComputedDay, person: LoadedPerson, orgId: string, after: After): Promise<void> {
    const stored = person.stored.get(row.slot);
    if (stored ? stored.punchesHash === hashOf(row.punches) : row.punches.length === 0) return;
    const { userId } = person.person;
    const { branchId, date } = row.facts;
    const id = ulid();
    const punches = JSON.stringify(
      row.punches.map(({ direction, atMs }) => ({ direction, at: new Date(atMs).toISOString() })),
    );
    const isNew = await this.store.noteLateFact(orgId, {
      id,
      userId,
      branchId,
      date,
      dayId: stored?.id ?? null,
      punches,
    });
    if (isNew && branchId !== null)
      after.publish(
        attendanceLive,
        'attendance:correction-requested',
        { orgId, id: branchId },
        { id, userId, workDate: date, state: 'pending' },
      );
  }

  /** Rows of shifts that somebody has not any more. */
  private removeStale(rows: readonly ComputedDay[], person: LoadedPerson, batch: Batch, { from, to }: Span): void {
    const current = new Set(rows.map(({ slot }) => slot));
    const whole = new Set(rows.map(({ facts }) => facts.date));
    for (const [slot, stored] of person.stored) {
      const { date, branchId, key, userId } = stored;
      if (current.has(slot) || !whole.has(date) || date < from || date > to || person.isLocked(date, branchId))
        continue;
      batch.removed.push(stored);
      if (person.watches.has(slot)) batch.unwatched.push({ userId, date, key });
    }
  }

  /** Nobody is missed at a shift that he has not any more. */
  private async withdrawStale(
    rows: readonly ComputedDay[],
    { alerts, person }: LoadedPerson,
    orgId: string,
    after: After,
  ): Promise<void> {
    for (const [slot, { id, date, withdrawnAt }] of alerts) {
      const ofDate = rows.filter(({ facts }) => facts.date === date);
      if (withdrawnAt !== null || ofDate.length === 0 || ofDate.some((row) => row.slot === slot)) continue;
      await this.store.withdrawAlert(orgId, id);
      const branchId = ofDate[0]?.facts.branchId;
      const told = { alertId: id, userId: person.userId, workDate: date, startsAt: this.hub.now().toISOString() };
      if (branchId) after.publish(attendanceLive, 'attendance:absence-withdrawn', { orgId, id: branchId }, told);
    }
  }

  private async write(batch: Batch, after: After): Promise<void> {
    const { orgId } = batch;
    await this.store.removeDays(
      orgId,
      batch.removed.map(({ id }) => id),
    );
    await this.store.write(orgId, batch.days);
    await this.store.addClaims(orgId, batch.claims);
    await this.store.watch(orgId, batch.watches);
    await this.store.unwatch(orgId, batch.unwatched);
    this.telling.tell(batch, after);
  }
}

const hashOf = (punches: readonly DayPunch[]): string =>
  createHash('sha256')
    .update(punches.map(({ atMs, direction }) => `${atMs} ${direction}`).join())
    .digest('base64url');
