import { licensingLive } from '@loro/contracts/licensing-live';
import type { License, LicenseState, LimitValues } from '@loro/contracts/licensing-values';
import type { CreationAttributes } from 'sequelize';
import { type After, Conflict, context, type Hub, onDuplicate, ulid } from '../../platform';
import type { HistoryStore } from './history.store';
import type { LicenseBook, Locked } from './license-book';
import { LicenseModel } from './license.model';
import { nextLook, works } from './licensing.policy';
import type { Plan } from './plan-book';
import { type Held, overrideEnds, presentLicense, standingOf, termsOf } from './terms.policy';

type Fields = Partial<CreationAttributes<LicenseModel>>;

/** What is written about a licence, and how it is called. */
interface Act {
  /** `suspended`: in the journal `license.suspended`, in its history the same. */
  readonly done: string;
  readonly data?: Readonly<Record<string, string | number | boolean | null>>;
}

interface NewRow {
  readonly orgId: string;
  readonly plan: Plan;
  readonly fields: Pick<CreationAttributes<LicenseModel>, 'type' | 'startsAt' | 'expiresAt' | 'anchorDay'> & Fields;
}

export const alreadyLicensed = (cause?: Error): Conflict =>
  new Conflict('ALREADY_LICENSED', 'The organisation has a licence that works.', { cause });

/** The one way in which licences change: history, journal, sockets and every node’s memory hear of it together. */
export class LicenseWriter {
  constructor(
    private readonly hub: Hub,
    private readonly book: LicenseBook,
    private readonly history: HistoryStore,
  ) {}

  /** In the caller’s transaction. @throws Conflict ALREADY_LICENSED where the organisation has one that works */
  async create({ orgId, plan, fields }: NewRow, act: Act, after: After): Promise<Locked> {
    const now = this.hub.now();
    const earlier = await this.makeWay(orgId, after);
    const row = await LicenseModel.create({
      ...blank,
      termStart: fields.startsAt,
      ...fields,
      orgId,
      id: ulid(now.getTime()),
      planVersionId: plan.id,
      graceDays: fields.graceDays ?? (fields.type === 'trial' ? 0 : plan.graceDays),
      currentFor: orgId,
      fv: (earlier?.fv ?? 0) + 1,
      createdAt: now,
      version: 1,
    }).catch(onDuplicate(alreadyLicensed));
    await this.tell(await this.book.held(row), undefined, { ...act, from: earlier?.state ?? null }, after);
    return this.book.held(row);
  }

  /** In the caller’s transaction, which holds the row. */
  async change(held: Locked, fields: Fields, act: Act, after: After): Promise<Locked> {
    const { row } = held;
    const now = this.hub.now();
    const before = presentLicense(held, null, now);
    await row.update({ ...fields, version: row.version + 1 });
    const changed = await this.book.held(row);
    await this.tell(changed, before, { ...act, from: row.toldState }, after);
    return changed;
  }

  /** In the caller’s transaction, which holds the row: tells what changed by itself since the last look. */
  async look(held: Locked, after: After): Promise<void> {
    const { row } = held;
    const { toldState: from, lookAt } = row;
    const now = this.hub.now();
    const { state } = standingOf(held, now);
    const then = lookAt && lookAt <= now ? new Date(lookAt.getTime() - 1) : now;
    const isOther = !givesTheSame(presentLicense(held, null, then), presentLicense(held, null, now));
    await row.update({ ...this.told(held), fv: row.fv + (isOther ? 1 : 0) });
    if (from === state && !isOther) return;
    await this.publish(held, { from, isOther }, after);
    const data = { from, to: state };
    const entity = { type: 'license', id: row.id };
    after.record({ type: 'system_event', action: 'license.state-changed', orgId: row.orgId, entity, data });
    await this.everybodyLooks(row.orgId);
  }

  /** In the caller’s transaction: the organisation that it leaves is told too. */
  async gave({ row }: Locked, toOrgId: string, after: After): Promise<void> {
    const { orgId, id: licenseId } = row;
    await this.history.add({ orgId, licenseId, type: 'given-away', data: { to: toOrgId } });
    after.record({
      action: 'license.given-away',
      orgId,
      entity: { type: 'license', id: licenseId },
      data: { to: toOrgId },
    });
    const to = { from: row.toldState, to: 'expired' as const, until: null };
    after.publish(licensingLive, 'license:state-changed', { orgId, id: orgId }, to);
    await this.everybodyLooks(orgId);
  }

  /** Another one takes its place, or it moved to another organisation. */
  async end({ row }: Locked): Promise<void> {
    await row.update({ endedAt: this.hub.now(), currentFor: null, lookAt: null, version: row.version + 1 });
    this.forget(row.orgId);
  }

  /** A trial, and what has run out or was revoked, makes way for a licence. */
  private async makeWay(orgId: string, after: After): Promise<{ fv: number; state: LicenseState } | null> {
    const held = await this.book.lockCurrent(orgId);
    if (!held) return null;
    const { state } = standingOf(held, this.hub.now());
    if (state === 'suspended' || (works({ state }) && state !== 'trial') || state === 'not_started')
      throw alreadyLicensed();
    await this.end(held);
    const { row } = held;
    const entity = { type: 'license', id: row.id };
    await this.history.add({ orgId, licenseId: row.id, type: 'ended' });
    after.record({ action: 'license.ended', orgId, entity });
    return { fv: row.fv, state };
  }

  private async tell(
    held: Locked,
    before: License | undefined,
    { done, data = {}, from }: Act & { from: LicenseState | null },
    after: After,
  ): Promise<void> {
    const { row } = held;
    const { orgId, id: licenseId } = row;
    const isOther = before !== undefined && !givesTheSame(before, presentLicense(held, null, this.hub.now()));
    await row.update({ ...this.told(held), fv: row.fv + (isOther ? 1 : 0) });
    await this.history.add({ orgId, licenseId, type: done, data });
    await this.publish(held, { from, isOther: isOther || !before }, after);
    this.note(held, before, { done, data }, after);
    await this.everybodyLooks(orgId);
  }

  /** What people were told last, and when there is something to be told next. */
  private told(held: Locked): { toldState: LicenseState; lookAt: Date | null } {
    const now = this.hub.now();
    const { row, next } = held;
    const dates = { termStart: row.termStart, nextPlanAt: next?.at ?? null, overrideEnds: overrideEnds(row) };
    return { toldState: standingOf(held, now).state, lookAt: nextLook({ ...termsOf(held), ...dates }, now) };
  }

  private async publish(
    held: Locked,
    { from, isOther }: { from: LicenseState | null; isOther: boolean },
    after: After,
  ): Promise<void> {
    const { orgId, id: licenseId, fv } = held.row;
    const { state, until, plan } = standingOf(held, this.hub.now());
    const to = { orgId, id: orgId };
    if (from !== state) {
      await this.history.add({ orgId, licenseId, type: 'state-changed', data: { from, to: state } });
      const told = { from, to: state, until: until?.toISOString() ?? null };
      after.publish(licensingLive, 'license:state-changed', to, told);
    }
    if (isOther) after.publish(licensingLive, 'license:plan-changed', to, { fv, plan });
  }

  /** In the journal of the organisation, and of whoever did it from another one. */
  private note(held: Held, before: License | undefined, { done, data }: Act, after: After): void {
    const { row } = held;
    const shown = presentLicense(held, null, this.hub.now());
    const note = {
      action: `license.${done}`,
      entity: { type: 'license', id: row.id },
      ...(before && { before }),
      after: shown,
      ...(data && { data }),
    };
    after.record({ ...note, orgId: row.orgId });
    const home = context().caller?.actor?.orgId;
    if (home !== undefined && home !== row.orgId)
      after.record({ ...note, orgId: home, data: { ...data, organisation: row.orgId } });
  }

  /** Every node asks again what anybody of the organisation may do; this one at once. */
  private async everybodyLooks(orgId: string): Promise<void> {
    await this.hub.changes.record({ orgId, userId: null, sessionId: null });
    this.forget(orgId);
  }

  private forget(orgId: string): void {
    this.book.forget(orgId);
    // What another call read before the commit must not stay.
    this.hub.afterCommit(() => this.book.forget(orgId));
  }
}

const sameLimits = (a: LimitValues, b: LimitValues): boolean => JSON.stringify(a) === JSON.stringify(b);
const givesTheSame = (a: License, b: License): boolean =>
  a.plan.code === b.plan.code &&
  a.plan.version === b.plan.version &&
  a.features.join() === b.features.join() &&
  a.overage === b.overage &&
  sameLimits(a.limits, b.limits);

const blank = {
  maintenanceUntil: null,
  overage: 'none',
  renewalAuto: false,
  renewalBasis: 'from_expiry',
  overrides: '[]',
  trialExtended: false,
  nextPlanVersionId: null,
  nextPlanAt: null,
  suspendedAt: null,
  suspendReason: null,
  revokedAt: null,
  revokeReason: null,
  resellerId: null,
  fileIssuedAt: null,
  endedAt: null,
  toldState: null,
  lookAt: null,
} as const;
