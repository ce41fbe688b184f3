import type { NewPunch, PunchesTaken } from '@loro/contracts/attendance-days';
import type { CheckInType } from '@loro/contracts/check-ins-values';
import type { Punch } from '@loro/contracts/attendance-values';
import {
  type Actor,
  addDays,
  allow,
  type Hub,
  HubError,
  Invalid,
  may,
  NotFound,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { configuration } from '../configuration';
import type { DirtyStore } from './dirty.store';
import type { FactsStore, PersonRow } from './facts.store';
import { PlacesService } from './places.service';
import type { NewPunchRow, PunchesStore } from './punches.store';
import { reachSql } from './reach';

const AHEAD_MS = 120_000;
const DAY_MS = 86_400_000;

interface Uses {
  readonly store: PunchesStore;
  readonly facts: FactsStore;
  readonly places: PlacesService;
  readonly dirty: DirtyStore;
}

/** A check-in as its room gives it to others. */
export interface CheckInEvidence {
  readonly checkInId: string;
  readonly userId: string;
  readonly branchId: string | null;
  readonly type: CheckInType;
  readonly kind: 'in' | 'out' | 'visit';
  readonly at: Date;
  readonly counts: boolean;
  readonly verification: Punch['verification'];
}

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly userId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

type Refusal = 'NOT_FOUND' | 'PUNCH_IN_FUTURE' | 'PUNCH_TOO_OLD';
type Judged = { readonly code: Refusal } | { readonly row: NewPunchRow };

/** Punches as they come: from readers and kiosks, and from check-ins. */
export class PunchesService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  /**
   * Each punch is answered for itself; one that cannot be taken does not stop the others. Where none can, the call is
   * refused as the first one is.
   */
  async take(actor: Actor, punches: readonly NewPunch[]): Promise<PunchesTaken> {
    allow(actor, 'attendance.ingest');
    const { orgId } = actor;
    await this.mustNameOne(orgId, punches);
    const people = await this.peopleOf(orgId, punches);
    const oldest = await this.oldest(orgId);
    const judged: Judged[] = [];
    for (const punch of punches) judged.push(await this.judge(actor, punch, people(punch), oldest));
    const [first] = judged;
    if (first && 'code' in first && judged.every((one) => 'code' in one)) throw refused(first.code, judged);
    return this.hub.transact(async (after) => {
      const known = {
        device: await this.uses.store.known(orgId, 'device', idsOf(judged, 'device')),
        kiosk: await this.uses.store.known(orgId, 'kiosk', idsOf(judged, 'kiosk')),
      };
      const fresh = new Map<string, NewPunchRow>();
      for (const one of judged)
        if ('row' in one && !known[kindOf(one.row)].has(one.row.sourceId) && !fresh.has(keyOf(one.row)))
          fresh.set(keyOf(one.row), one.row);
      const standing = await this.uses.store.add(orgId, [...fresh.values()]);
      for (const row of fresh.values())
        if (standing.get(row.id) === row.id) await this.uses.dirty.mark(orgId, row.userId, row.localDate, after);
      const results = punches.map(({ sourceId }, index): PunchesTaken['results'][number] => {
        const one = judged[index];
        if (!one || 'code' in one) return { sourceId, result: 'refused', punchId: null, code: one?.code ?? null };
        const before = known[kindOf(one.row)].get(sourceId);
        const punchId = before ?? standing.get(one.row.id) ?? standing.get(fresh.get(keyOf(one.row))?.id ?? '') ?? null;
        return { sourceId, result: punchId === one.row.id ? 'accepted' : 'duplicate', punchId, code: null };
      });
      const count = (result: string): number => results.filter((one) => one.result === result).length;
      const accepted = count('accepted');
      if (accepted > 0)
        after.record({
          action: 'punches.taken',
          orgId,
          type: 'user_action',
          data: { accepted, duplicates: count('duplicate') },
        });
      return { accepted, duplicates: count('duplicate'), refused: count('refused'), results };
    });
  }

  async list(actor: Actor, query: ListQuery): Promise<Page<Punch>> {
    const { limit, cursor, userId, from, to } = query;
    const reach = reachSql(actor, 'attendance.read');
    const after = this.hub.cursors.decode('punches', cursor);
    const where = [
      'org_id = :orgId',
      reach.sql,
      ...(userId === undefined ? [] : ['user_id = :userId']),
      ...(from === undefined ? [] : ['local_date >= :from']),
      ...(to === undefined ? [] : ['local_date < :to']),
      ...(after ? ['(at > :afterAt OR (at = :afterAt AND id > :afterId))'] : []),
    ];
    const rows = await this.uses.store.list(
      where.join(' AND '),
      {
        ...reach.values,
        orgId: actor.orgId,
        userId,
        from,
        to,
        afterAt: after && new Date(Number(after[0])),
        afterId: after?.[1],
      },
      limit + 1,
    );
    return pageOf(
      rows,
      limit,
      ({ at, id }) => this.hub.cursors.encode('punches', [Date.parse(at), id]),
      (row) => row,
    );
  }

  /** Makes the punch of a check-in what the check-in is now: makes it, keeps it, or makes it void. */
  async follow(orgId: string, checkInId: string, evidence: CheckInEvidence | null): Promise<void> {
    await this.hub.transact(async (after) => {
      const { store, dirty } = this.uses;
      const standing = await store.ofCheckIn(orgId, checkInId);
      const wanted =
        evidence && evidence.counts && evidence.kind !== 'visit' ? await this.rowOf(orgId, evidence) : null;
      const kept = standing.find(
        (punch) =>
          wanted !== null &&
          punch.userId === wanted.userId &&
          punch.direction === wanted.direction &&
          Date.parse(punch.at) === wanted.at.getTime(),
      );
      const gone = standing.filter((punch) => punch !== kept);
      await store.void(
        orgId,
        gone.map(({ id }) => id),
        null,
      );
      for (const { userId, localDate } of gone) await dirty.mark(orgId, userId, localDate, after);
      if (!wanted) return;
      if (!kept) await store.add(orgId, [wanted]);
      else if (kept.verification === wanted.verification) return;
      else await store.verify(orgId, kept.id, wanted.verification);
      await dirty.mark(orgId, wanted.userId, kept?.localDate ?? wanted.localDate, after);
    });
  }

  /** A punch that somebody says was made, at the place where he belonged then. */
  async manual(
    orgId: string,
    userId: string,
    said: { at: Date; direction: Punch['direction'] },
    by: string,
  ): Promise<NewPunchRow> {
    const id = ulid();
    const where = await this.whereOf(orgId, userId, said.at);
    return {
      ...where,
      ...said,
      id,
      userId,
      source: 'manual',
      sourceId: id,
      deviceId: null,
      verification: 'unverified',
      checkInId: null,
      isVisit: false,
      confirmedBy: by,
    };
  }

  private async rowOf(orgId: string, evidence: CheckInEvidence): Promise<NewPunchRow> {
    const { checkInId, userId, type, kind, at, verification, branchId } = evidence;
    const where = await this.whereOf(orgId, userId, at, branchId);
    return {
      ...where,
      id: ulid(),
      userId,
      at,
      direction: kind === 'out' ? 'out' : 'in',
      source: 'checkin',
      sourceId: checkInId,
      deviceId: null,
      verification,
      checkInId,
      isVisit: type === 'client-visit' || type === 'meeting',
      confirmedBy: null,
    };
  }

  private async judge(actor: Actor, punch: NewPunch, person: PersonRow | undefined, oldest: Date): Promise<Judged> {
    const { orgId } = actor;
    if (!person || person.kind !== 'person') return { code: 'NOT_FOUND' };
    const thing = { userId: person.userId, branchId: person.homeBranchId };
    if (!may(actor, 'attendance.ingest', thing)) return { code: 'NOT_FOUND' };
    if (punch.branchId !== undefined && !(await this.hub.ports.hasBranch(orgId, punch.branchId)))
      return { code: 'NOT_FOUND' };
    const at = new Date(punch.at);
    if (at.getTime() > this.hub.now().getTime() + AHEAD_MS) return { code: 'PUNCH_IN_FUTURE' };
    if (at < oldest) return { code: 'PUNCH_TOO_OLD' };
    const where = await this.whereOf(orgId, person.userId, at, punch.branchId ?? null);
    const { direction, source, sourceId, deviceId } = punch;
    const row = { ...where, id: ulid(), userId: person.userId, at, direction, source, sourceId, deviceId };
    return { row: { ...row, verification: 'verified', checkInId: null, isVisit: false, confirmedBy: null } };
  }

  private async whereOf(orgId: string, userId: string, at: Date, branchId: string | null = null) {
    const id = branchId ?? (await this.branchAt(orgId, userId, at));
    const { calendar } = await this.uses.places.at(orgId, id);
    return { branchId: id, timezone: calendar.zoneAt(at), localDate: calendar.dateOf(at) };
  }

  private async branchAt(orgId: string, userId: string, at: Date): Promise<string | null> {
    const date = at.toISOString().slice(0, 10);
    const [person] = await this.uses.facts.people(orgId, [userId]);
    if (!person) throw new NotFound('This person');
    const places = await this.uses.facts.places(orgId, [userId], addDays(date, -1), addDays(date, 1));
    return PlacesService.branchOn(date, places, person);
  }

  private async peopleOf(
    orgId: string,
    punches: readonly NewPunch[],
  ): Promise<(punch: NewPunch) => PersonRow | undefined> {
    const ids = punches.flatMap(({ userId }) => userId ?? []);
    const numbers = punches.flatMap(({ employeeNo }) => employeeNo ?? []);
    const byNo = await this.uses.facts.byEmployeeNo(orgId, numbers);
    const rows = await this.uses.facts.people(orgId, [...new Set([...ids, ...byNo.values(), ''])]);
    const byId = new Map(rows.map((row) => [row.userId, row]));
    return ({ userId, employeeNo }) => byId.get(userId ?? byNo.get(employeeNo ?? '') ?? '');
  }

  /** @throws Invalid for punches that name nobody, or somebody twice over */
  private async mustNameOne(orgId: string, punches: readonly NewPunch[]): Promise<void> {
    const wrong = punches.flatMap((punch, index) =>
      (punch.userId === undefined) === (punch.employeeNo === undefined) ? [{ punch, index }] : [],
    );
    if (wrong.length === 0) return;
    for (const { punch } of wrong)
      if (punch.branchId !== undefined && !(await this.hub.ports.hasBranch(orgId, punch.branchId)))
        throw new NotFound('This branch');
    throw new Invalid('VALIDATION_FAILED', 'Each punch says whose it is, by `userId` or by `employeeNo`.', {
      errors: wrong.map(({ index }) => ({
        path: `punches.${index}.userId`,
        code: 'custom',
        message: 'or `employeeNo` says whose it is, and not both',
      })),
    });
  }

  private async oldest(orgId: string): Promise<Date> {
    const days = await this.hub.use(configuration).value('attendance.max-punch-age-days', { orgId });
    return new Date(this.hub.now().getTime() - days * DAY_MS);
  }
}

const kindOf = ({ source }: NewPunchRow): 'device' | 'kiosk' => (source === 'kiosk' ? 'kiosk' : 'device');
const keyOf = (row: NewPunchRow): string => `${row.source} ${row.sourceId}`;
const idsOf = (judged: readonly Judged[], source: string): string[] =>
  judged.flatMap((one) => ('row' in one && one.row.source === source ? [one.row.sourceId] : []));

function refused(code: Refusal, judged: readonly Judged[]): HubError {
  if (code === 'NOT_FOUND') return new NotFound('This person');
  const message = code === 'PUNCH_IN_FUTURE' ? 'lies more than two minutes ahead' : 'is too old';
  return new HubError(code, 'None of these punches could be taken.', {
    errors: judged.map((_, index) => ({ path: `punches.${index}.at`, code: 'custom', message })),
  });
}
