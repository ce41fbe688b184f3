import type { Finding } from '@loro/contracts/licensing-compliance';
import { type Actor, allow, Conflict, type Hub, HubError, NotFound, type Page, pageOf } from '../../platform';
import type { ActivationsService } from './activations.service';
import { ActivationModel } from './activation.model';
import { activationState } from './activations.policy';
import type { Found, FindingsStore } from './findings.store';
import type { LicenseBook } from './license-book';
import type { LimitsService } from './limits.service';
import { type Held, standingOf } from './terms.policy';

const A_DAY_MS = 86_400_000;

interface Uses {
  readonly book: LicenseBook;
  readonly limits: LimitsService;
  readonly activations: ActivationsService;
  readonly findings: FindingsStore;
}

/** Where use and licence differ: looked for every day, open until it is so no more or somebody accepts it. */
export class ComplianceService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async list(
    actor: Actor,
    { limit, cursor, state }: { limit: number; cursor?: string | undefined; state?: Finding['state'] | undefined },
  ): Promise<Page<Finding>> {
    allow(actor, 'license.compliance');
    const [before] = this.hub.cursors.decode('findings', cursor) ?? [];
    const rows = await this.uses.findings.list(actor.orgId, {
      limit: limit + 1,
      before: before === undefined ? null : String(before),
      state: state ?? null,
    });
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('findings', [id]),
      (row) => row,
    );
  }

  async waive(actor: Actor, id: string, version: number, reason: string): Promise<Finding> {
    allow(actor, 'license.waive');
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const before = await this.uses.findings.lock(orgId, id);
      if (!before) throw new NotFound('This finding');
      if (before.version !== version)
        throw new HubError('VERSION_CONFLICT', 'Somebody changed this finding meanwhile.', { current: before });
      if (before.state !== 'open') throw new Conflict('FINDING_CLOSED', `This finding is ${before.state}.`);
      await this.uses.findings.waive(orgId, id, reason);
      const finding = await this.uses.findings.lock(orgId, id);
      if (!finding) throw new NotFound('This finding');
      after.record({
        action: 'compliance-finding.waived',
        entity: { type: 'compliance-finding', id },
        before,
        after: finding,
      });
      return finding;
    });
  }

  async checkAll(): Promise<void> {
    for await (const orgId of this.uses.book.everyOrganisation()) await this.check(orgId);
  }

  private async check(orgId: string): Promise<void> {
    const held = await this.uses.book.current(orgId);
    if (!held) return;
    const found = await this.look(held);
    const lookedAt = this.hub.now();
    await this.hub.transact(async (after) => {
      for (const one of found)
        if (await this.uses.findings.see(orgId, one))
          after.record({
            type: 'system_event',
            severity: 'warning',
            action: 'compliance-finding.found',
            orgId,
            entity: { type: 'license', id: held.row.id },
            data: { kind: one.kind, subject: one.subject },
          });
      const fixed = await this.uses.findings.fix(orgId, lookedAt);
      if (fixed > 0)
        after.record({
          type: 'system_event',
          action: 'compliance-finding.fixed',
          orgId,
          entity: { type: 'license', id: held.row.id },
          data: { count: fixed },
        });
    });
  }

  private async look(held: Held): Promise<Found[]> {
    const { orgId, id } = held.row;
    const standing = standingOf(held, this.hub.now());
    return [
      ...(await this.uses.limits.over(orgId, standing)).map(({ limit, allowed, used }): Found => ({
        kind: 'over-limit',
        subject: limit,
        detail: { allowed, used },
      })),
      ...(await this.dead(orgId, id)),
      ...(await this.shared(orgId, standing.limits.activations)),
      ...(await this.usedAfter(orgId, standing.lapsedAt)),
      ...(held.tamperedMs === null
        ? []
        : [
            {
              kind: 'clock-tampered',
              subject: 'clock',
              detail: { behindSeconds: Math.round(held.tamperedMs / 1_000) },
            } as const,
          ]),
    ];
  }

  private async dead(orgId: string, licenseId: string): Promise<Found[]> {
    const now = this.hub.now();
    const rows = await ActivationModel.findAll({ where: { orgId, licenseId, deactivatedAt: null } });
    return rows
      .filter((row) => activationState(row, now) === 'dead')
      .map(({ id, label, lastBeatAt }) => ({
        kind: 'dead-activation',
        subject: id,
        detail: { label, lastBeatAt: lastBeatAt.toISOString() },
      }));
  }

  /** One key on more machines within a day than may be, and one more: a machine is replaced now and then. */
  private async shared(orgId: string, allowed: number | null): Promise<Found[]> {
    if (allowed === null) return [];
    const rows = await this.hub.select<{ keyId: string; machines: number }>(
      `SELECT key_id AS keyId, COUNT(*) AS machines FROM license_key_sightings
       WHERE org_id = :orgId AND seen_at > :since GROUP BY key_id HAVING COUNT(*) > :most`,
      { orgId, since: new Date(this.hub.now().getTime() - A_DAY_MS), most: allowed + 1 },
    );
    return rows.map(({ keyId, machines }) => ({ kind: 'shared-key', subject: keyId, detail: { machines, allowed } }));
  }

  private async usedAfter(orgId: string, lapsedAt: Date | null): Promise<Found[]> {
    if (!lapsedAt) return [];
    // Days are the finest there is: the day on which it lapsed may hold what came before.
    const rows = await this.hub.select<{ feature: string; quantity: number }>(
      `SELECT feature, CAST(SUM(quantity) AS SIGNED) AS quantity FROM usage_daily WHERE org_id = :orgId AND day > DATE(:lapsedAt)
         AND feature <> 'api-calls' GROUP BY feature`,
      { orgId, lapsedAt },
    );
    return rows.map(({ feature, quantity }) => ({
      kind: 'expired-but-used',
      subject: feature,
      detail: { quantity, lapsedAt: lapsedAt.toISOString() },
    }));
  }
}
