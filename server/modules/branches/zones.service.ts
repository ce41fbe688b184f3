import { HubError, type Hub, Remembered } from '../../platform';
import type { BranchModel } from './branch.model';
import type { BranchesStore } from './branches.store';
import { Calendar, type Span } from './zones.policy';

/** Stands in the table where a span has no beginning. */
const EVER = '1000-01-01';
const KEPT_MS = 30_000;
const KEPT = 20_000;

type Zoned = Pick<BranchModel, 'orgId' | 'id' | 'timezone'>;

/** Which time zone counts for a branch on which date. */
export class ZonesService {
  private readonly known: Remembered<Calendar>;
  /** Counts what was forgotten: calendars of before are never asked for again. */
  private generation = 0;

  constructor(
    private readonly hub: Hub,
    private readonly store: BranchesStore,
  ) {
    this.known = new Remembered(KEPT_MS, KEPT, hub.now);
  }

  start(): void {
    this.hub.changes.onChange(({ userId }) => {
      if (userId === null) this.forget();
    });
  }

  /** The local calendar of a branch; remembered. @throws NotFound */
  async calendarOf(orgId: string, branchId: string): Promise<Calendar> {
    const key = `${this.generation}:${orgId}:${branchId}`;
    const known = this.known.get(key);
    if (known) return known;
    const calendar = await this.read(await this.store.find(orgId, branchId));
    this.known.set(key, calendar);
    return calendar;
  }

  /** As the caller’s transaction sees it. */
  async read(row: Zoned): Promise<Calendar> {
    return new Calendar(await this.spansOf(row));
  }

  async spansOf({ orgId, id, timezone }: Zoned): Promise<[Span, ...Span[]]> {
    const rows = await this.hub.select<{ from: string; timezone: string }>(
      `SELECT DATE_FORMAT(from_date, '%Y-%m-%d') AS \`from\`, timezone FROM branch_zones
        WHERE org_id = :orgId AND branch_id = :id ORDER BY from_date`,
      { orgId, id },
    );
    const [first, ...rest] = rows.map((row) => ({ ...row, from: row.from === EVER ? null : row.from }));
    return first ? [first, ...rest] : [{ from: null, timezone }];
  }

  /**
   * Lets a zone count from a date on, instead of what was planned for later. The row is locked; the caller saves what
   * this gives back.
   * @throws HubError ZONE_IN_THE_PAST
   */
  async change(row: BranchModel, timezone: string, from: string | undefined) {
    const now = this.hub.now();
    const { orgId, id: branchId } = row;
    const spans = await this.spansOf(row);
    const today = new Calendar(spans).dateOf(now);
    const first = from ?? today;
    if (first < today)
      throw new HubError('ZONE_IN_THE_PAST', `It is ${today} there: a zone counts from today or later.`, {
        errors: [{ path: 'timezoneFrom', code: 'too_small', message: 'is past' }],
      });
    const [oldest, ...later] = spans;
    const kept: [Span, ...Span[]] = [oldest, ...later.filter((span) => span.from !== null && span.from < first)];
    const next: [Span, ...Span[]] = kept.at(-1)?.timezone === timezone ? kept : [...kept, { from: first, timezone }];
    await this.keep(orgId, branchId, next);
    this.hub.afterCommit(() => this.forget());
    const calendar = new Calendar(next);
    const isLater = first > today && calendar.zoneOf(first) !== calendar.zoneOf(today);
    return {
      timezone: calendar.zoneOf(today),
      nextTimezone: isLater ? timezone : null,
      nextTimezoneFrom: isLater ? first : null,
      nextTimezoneAt: isLater ? calendar.startOf(first) : null,
    };
  }

  /** Rows whose next zone counts by now say so. */
  async settle(row: BranchModel): Promise<boolean> {
    const { nextTimezone, nextTimezoneAt } = row;
    if (!nextTimezone || !nextTimezoneAt || nextTimezoneAt > this.hub.now()) return false;
    await row.update({
      timezone: nextTimezone,
      nextTimezone: null,
      nextTimezoneFrom: null,
      nextTimezoneAt: null,
      version: row.version + 1,
    });
    return true;
  }

  private forget(): void {
    this.generation += 1;
  }

  private async keep(orgId: string, branchId: string, spans: readonly Span[]): Promise<void> {
    const { sequelize } = this.hub;
    await sequelize.query('DELETE FROM branch_zones WHERE org_id = ? AND branch_id = ?', {
      replacements: [orgId, branchId],
    });
    if (spans.length < 2) return;
    await sequelize.query(
      `INSERT INTO branch_zones (org_id, branch_id, from_date, timezone) VALUES ${spans.map(() => '(?, ?, ?, ?)').join(', ')}`,
      { replacements: spans.flatMap(({ from, timezone }) => [orgId, branchId, from ?? EVER, timezone]) },
    );
  }
}
