import { type Hub, NotFound } from '../../platform';
import type { ClockStore } from './clock.store';
import { LicenseModel, type LicenseRow } from './license.model';
import type { PlanBook } from './plan-book';
import type { Held } from './terms.policy';

/** A licence whose row the transaction holds. */
export type Locked = Held<LicenseModel>;

/** A lost poke must not keep a suspended licence alive for longer. */
const FRESH_MS = 2_000;
/** Read anew by then beside the call that asked, so that calls in a row never wait. */
const AGEING_MS = 1_000;
/** With the database away, what was read last counts for so long and no longer. */
const MOST_MS = 5_000;
const KEPT = 20_000;
const AT_ONCE = 500;

interface Entry {
  readonly held: Held | null;
  /** When the read began, on the clock that nobody sets. */
  readonly readAt: number;
}

/** Licences as they are kept, remembered for two seconds. What they are at an instant is computed by whoever asks. */
export class LicenseBook {
  private readonly entries = new Map<string, Entry>();
  private readonly reading = new Map<string, Promise<Held | null>>();
  /** Counts what was forgotten: what was asked before must not be remembered after. */
  private forgotten = 0;

  constructor(
    private readonly hub: Hub,
    private readonly plans: PlanBook,
    private readonly clock: ClockStore,
  ) {}

  /** The organisation’s licence; null where it has none. */
  async of(orgId: string): Promise<Held | null> {
    const entry = this.entries.get(orgId);
    if (entry && ageOf(entry) < FRESH_MS) {
      if (ageOf(entry) > AGEING_MS) this.read(orgId).catch(() => {});
      return entry.held;
    }
    try {
      return await this.read(orgId);
    } catch (error) {
      const last = this.entries.get(orgId);
      if (last && ageOf(last) < MOST_MS) return last.held;
      throw error;
    }
  }

  forget(orgId: string): void {
    this.forgotten += 1;
    this.entries.delete(orgId);
    this.reading.delete(orgId);
  }

  /** In a transaction, the row locked. @throws NotFound for one of another organisation */
  async lock(orgId: string, id: string): Promise<Locked> {
    const row = await LicenseModel.findOne({ where: { orgId, id }, lock: true });
    if (!row) throw new NotFound('This licence');
    return this.held(row);
  }

  /** In a transaction, the row locked; null where the organisation has none. */
  async lockCurrent(orgId: string): Promise<Locked | null> {
    const row = await LicenseModel.findOne({ where: { currentFor: orgId }, lock: true });
    return row ? this.held(row) : null;
  }

  /** As the caller’s transaction sees it: with what it changed itself. */
  async current(orgId: string): Promise<Held | null> {
    const row = await LicenseModel.findOne({ where: { currentFor: orgId } });
    return row ? this.held(row) : null;
  }

  async find(orgId: string, id: string): Promise<Held> {
    const row = await LicenseModel.findOne({ where: { orgId, id } });
    if (!row) throw new NotFound('This licence');
    return this.held(row);
  }

  /** Everybody who has a licence, for what is done to each in turn. */
  async *everyOrganisation(): AsyncGenerator<string> {
    for (let last = ''; ;) {
      const rows = await this.hub.select<{ orgId: string }>(
        `SELECT current_for AS orgId FROM licenses WHERE current_for > :last ORDER BY current_for LIMIT ${AT_ONCE}`,
        { last },
      );
      for (const { orgId } of rows) yield orgId;
      const end = rows.at(-1);
      if (!end || rows.length < AT_ONCE) return;
      last = end.orgId;
    }
  }

  async held<Row extends LicenseRow>(row: Row): Promise<Held<Row>> {
    const { nextPlanVersionId, nextPlanAt } = row;
    const isNext = nextPlanVersionId !== null && nextPlanAt !== null;
    return {
      row,
      plan: await this.plans.byId(row.planVersionId),
      next: isNext ? { plan: await this.plans.byId(nextPlanVersionId), at: nextPlanAt } : null,
      tamperedMs: row.fileIssuedAt === null ? null : await this.clock.behindMs(),
    };
  }

  private read(orgId: string): Promise<Held | null> {
    // One question, however many calls wait for its answer.
    let reading = this.reading.get(orgId);
    if (!reading) {
      reading = this.ask(orgId).finally(() => {
        if (this.reading.get(orgId) === reading) this.reading.delete(orgId);
      });
      this.reading.set(orgId, reading);
    }
    return reading;
  }

  private async ask(orgId: string): Promise<Held | null> {
    const { forgotten } = this;
    const readAt = performance.now();
    // Beside any transaction: what it has not committed must not be remembered.
    const row = await this.hub.reads.one<Raw>(`SELECT ${COLUMNS} FROM licenses WHERE current_for = ?`, [orgId]);
    const held = row ? await this.held(truthful(row)) : null;
    if (forgotten === this.forgotten) this.keep(orgId, { held, readAt });
    return held;
  }

  private keep(orgId: string, entry: Entry): void {
    const [oldest] = this.entries.keys();
    if (this.entries.size >= KEPT && oldest !== undefined) this.entries.delete(oldest);
    this.entries.delete(orgId);
    this.entries.set(orgId, entry);
  }
}

const COLUMNS = `org_id AS orgId, id, type, plan_version_id AS planVersionId, starts_at AS startsAt,
  expires_at AS expiresAt, term_start AS termStart, maintenance_until AS maintenanceUntil,
  grace_days AS graceDays, overage, renewal_auto AS renewalAuto, renewal_basis AS renewalBasis,
  anchor_day AS anchorDay, overrides, trial_extended AS trialExtended,
  next_plan_version_id AS nextPlanVersionId, next_plan_at AS nextPlanAt, suspended_at AS suspendedAt,
  suspend_reason AS suspendReason, revoked_at AS revokedAt, revoke_reason AS revokeReason,
  reseller_id AS resellerId, file_issued_at AS fileIssuedAt, ended_at AS endedAt, current_for AS currentFor,
  told_state AS toldState, look_at AS lookAt, fv, created_at AS createdAt, version`;

type Truths = 'renewalAuto' | 'trialExtended';
type Raw = Omit<LicenseRow, Truths> & Record<Truths, number>;

/** The driver reads truth as numbers. */
const truthful = (row: Raw): LicenseRow => ({
  ...row,
  renewalAuto: row.renewalAuto > 0,
  trialExtended: row.trialExtended > 0,
});

const ageOf = ({ readAt }: Entry): number => performance.now() - readAt;
