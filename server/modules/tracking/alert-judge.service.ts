import { createHash } from 'node:crypto';
import { activityLive } from '@loro/contracts/activity-live';
import type { Alert, AlertRule } from '@loro/contracts/activity-metrics';
import type { Dimensions } from '@loro/contracts/activity-values';
import { addDays, type After, canonicalJson, dateIn, type Hub, ulid, wallTime, weekdayOf } from '../../platform';
import { branches } from '../branches';
import { type ActivityZones, HUB_ORG } from './activity-zones';
import { BASELINE_WEEKS, baselineOf, isUnusual } from './alert-baseline.policy';
import { type AlertNotice, calm, isBeyond, isQuiet, look } from './alert-life.policy';
import { type AlertRow, type AlertStore, lifeOf, presentAlert } from './alert.store';
import type { AlertMail } from './alert-mail';
import { hubMetrics, type MetricBook } from './metric-book';
import { type Line, type MetricQueries, sqlTime } from './metric-query.service';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const RULES_AT_ONCE = 200;

interface Uses {
  readonly store: AlertStore;
  readonly book: MetricBook;
  readonly queries: MetricQueries;
  readonly zones: ActivityZones;
  readonly mail: AlertMail;
}

/** What one look at a rule found, for one set of dimensions. */
interface Seen {
  readonly dims: Dimensions;
  readonly value: number | null;
  readonly holds: (isFiring: boolean) => boolean | null;
}

/** Holds metrics against their rules and tells whom it concerns. */
export class AlertJudge {
  constructor(
    private readonly hub: Hub,
    private readonly by: Uses,
  ) {}

  /**
   * Every rule that is on, of every organisation; one that fails does not hold up the others.
   * @param at the instant of the tick and not of the work, so that a minute is four looks and never five
   */
  async judgeAll(at: Date): Promise<void> {
    for (let after = ['', '']; ;) {
      const rules = await this.hub.select<{ orgId: string; id: string }>(
        `SELECT org_id AS orgId, id FROM alert_rules WHERE is_enabled AND (org_id > :org OR (org_id = :org AND id > :id))
          ORDER BY org_id, id LIMIT ${RULES_AT_ONCE}`,
        { org: after[0], id: after[1] },
      );
      for (const { orgId, id } of rules)
        await this.judge(orgId, id, at).catch((error: unknown) =>
          this.hub.log.warn({ err: error, orgId, ruleId: id }, 'a rule could not be judged'),
        );
      const last = rules.at(-1);
      if (!last || rules.length < RULES_AT_ONCE) return;
      after = [last.orgId, last.id];
    }
  }

  private async judge(orgId: string, ruleId: string, now: Date): Promise<void> {
    const rule = await this.by.store.rule(orgId, ruleId);
    const zone = await this.by.zones.of(orgId);
    const seen = await this.look(orgId, rule, zone, now);
    const isMuted = isQuiet(rule.muteWindows, localTime(now, zone));
    await this.hub.transact(async (after) => {
      const current = await this.by.store.lockedRule(orgId, ruleId);
      // Somebody changed it since it was read; the next look is by its new words.
      if (current.version !== rule.version || !current.isEnabled) return;
      const rows = await this.by.store.ofRule(orgId, ruleId);
      const looks = new Map(seen.map((one) => [hashOf(one.dims), one]));
      const hashes = new Set([...looks.keys(), ...rows.map(({ dimsHash }) => dimsHash)]);
      for (const dimsHash of hashes) {
        const row = rows.find((one) => one.dimsHash === dimsHash);
        const one = looks.get(dimsHash);
        // A later look went first.
        if (row && row.judgedAt >= now) continue;
        await this.step({ orgId, rule, row, dimsHash, seen: one, at: now, isMuted }, after);
      }
    });
  }

  private async step(
    told: {
      readonly orgId: string;
      readonly rule: AlertRule;
      readonly row: AlertRow | undefined;
      readonly dimsHash: string;
      readonly seen: Seen | undefined;
      readonly at: Date;
      readonly isMuted: boolean;
    },
    after: After,
  ): Promise<void> {
    const { orgId, rule, row, seen, at } = told;
    const before = row ? lifeOf(row) : calm(at.getTime());
    const { life, notice } = look(rule, before, {
      at: at.getTime(),
      holds: seen?.holds(before.state === 'firing') ?? null,
      isMuted: told.isMuted || (row?.mutedUntil ?? at) > at,
      isAcknowledged: row?.ackedAt !== null && row?.ackedAt !== undefined,
    });
    const isNew = life.firedAt !== null && life.firedAt !== before.firedAt;
    const instant = (ms: number | null) => (ms === null ? null : new Date(ms));
    const next: AlertRow = {
      id: row?.id ?? ulid(at.getTime()),
      ruleId: rule.id,
      dimsHash: told.dimsHash,
      dims: row?.dims ?? canonicalJson(seen?.dims ?? {}),
      state: life.state,
      since: new Date(life.since),
      firedAt: instant(life.firedAt),
      calmSince: instant(life.calmSince),
      toldAt: instant(life.toldAt),
      resolvedAt: before.state === 'firing' && life.state !== 'firing' ? at : isNew ? null : (row?.resolvedAt ?? null),
      hasNoData: Number(life.hasNoData),
      value: seen?.value ?? null,
      judgedAt: at,
      // Care is taken of one firing, not of the next.
      ackedBy: isNew || life.state !== 'firing' ? null : (row?.ackedBy ?? null),
      ackedAt: isNew || life.state !== 'firing' ? null : (row?.ackedAt ?? null),
      mutedUntil: row?.mutedUntil ?? null,
    };
    await this.by.store.put(orgId, next);
    if (notice !== null) await this.tell(orgId, rule, presentAlert(next, rule), notice, after);
  }

  private async tell(orgId: string, rule: AlertRule, alert: Alert, notice: AlertNotice, after: After): Promise<void> {
    const event = notice === 'resolved' ? 'alert:resolved' : 'alert:firing';
    const heard = new Set([rule.branchId ?? orgId, ...rule.targets.userIds]);
    for (const id of heard) after.publish(activityLive, event, { orgId, id }, alert);
    if (rule.targets.mail) await this.by.mail.post(orgId, rule, alert, notice, after);
    after.record({
      action: notice === 'resolved' ? 'alert.resolved' : 'alert.fired',
      orgId,
      severity: notice === 'resolved' || rule.severity === 'info' ? 'info' : 'warning',
      entity: { type: 'alert', id: alert.id },
      branchId: rule.branchId,
      data: { rule: rule.name, metric: rule.metric, value: alert.value, notice },
    });
  }

  private async look(orgId: string, rule: AlertRule, zone: string, now: Date): Promise<Seen[]> {
    const { expr } = rule;
    if ('baseline' in expr) return this.lookAtHour(orgId, rule, zone, now, expr.baseline.k);
    const minute = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
    // The minutes that the window touches, the one under way among them.
    const from = Math.floor((now.getTime() - expr.windowSec * 1_000) / MINUTE_MS) * MINUTE_MS;
    const span = { res: '1m' as const, from: sqlTime(from), to: sqlTime(minute + MINUTE_MS) };
    const lines = await this.lines(orgId, rule, span);
    return whole(lines, rule).map(({ dims, whole: value }) => ({
      dims,
      value,
      holds: (isFiring) => (value === null ? null : isBeyond(value, expr, isFiring)),
    }));
  }

  /** The last full hour, and the same local hour of the weeks before. */
  private async lookAtHour(orgId: string, rule: AlertRule, zone: string, now: Date, k: number): Promise<Seen[]> {
    const hour = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS - HOUR_MS;
    const weeks = weeksBefore(new Date(hour), zone);
    const at = async (ms: number): Promise<Line[]> =>
      this.lines(orgId, rule, { res: '1h', from: sqlTime(ms), to: sqlTime(ms + HOUR_MS) });
    const past = await Promise.all(weeks.map((week) => at(week.getTime())));
    return whole(await at(hour), rule).map(({ dims, whole: value }) => {
      const key = canonicalJson(dims);
      const usual = past.flatMap((lines) => lines.find((line) => canonicalJson(line.dims) === key)?.whole ?? []);
      const baseline = baselineOf(usual);
      // What is usual is not known yet, so nothing is unusual.
      return { dims, value, holds: () => (value === null ? null : baseline !== null && isUnusual(value, baseline, k)) };
    });
  }

  private async lines(
    orgId: string,
    rule: AlertRule,
    span: { res: '1m' | '1h'; from: string; to: string },
  ): Promise<Line[]> {
    const ofHub = hubMetrics.get(rule.metric);
    const metric = ofHub ?? (await this.by.book.get(orgId, rule.metric));
    const scope =
      rule.branchId === null
        ? null
        : { branchIds: await this.hub.use(branches).subtree(orgId, [rule.branchId]), userIds: [] };
    const asked = { agg: rule.expr.agg, where: rule.where, by: rule.by };
    return this.by.queries.lines(ofHub ? HUB_ORG : orgId, metric, asked, span, ofHub ? null : scope);
  }
}

/** Without dimensions there is one alert, whether something was measured or not. */
const whole = (lines: readonly Line[], { by }: AlertRule): readonly Line[] =>
  lines.length === 0 && by.length === 0 ? [{ dims: {}, whole: null, points: new Map() }] : lines;

const hashOf = (dims: Dimensions): string =>
  createHash('sha256').update(canonicalJson(dims)).digest('hex').slice(0, 32);

/** The same time of day on the same weekday of each of the last weeks, as its clocks showed it; oldest first. */
function weeksBefore(at: Date, zone: string): Date[] {
  const date = dateIn(at, zone);
  const { time } = localTime(at, zone);
  return Array.from({ length: BASELINE_WEEKS }, (_, back) =>
    wallTime(addDays(date, -7 * (BASELINE_WEEKS - back)), time, zone),
  );
}

function localTime(at: Date, timeZone: string): { weekday: number; time: string } {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return { weekday: weekdayOf(dateIn(at, timeZone)), time: parts.format(at) };
}
