import type { LicenseChange, NewLicense } from '@loro/contracts/licensing-licenses';
import type { License, Override } from '@loro/contracts/licensing-values';
import { type Actor, type After, allow, Conflict, type Hub, HubError, type Page, pageOf } from '../../platform';
import { people } from '../people';
import type { KeysService } from './keys.service';
import type { LicenseBook, Locked } from './license-book';
import { LicenseModel } from './license.model';
import type { LicenseWriter } from './license-writer.service';
import type { LicensesService } from './licenses.service';
import { intervalAfter } from './periods.policy';
import type { PlanBook } from './plan-book';
import type { TrialsService } from './trials.service';

interface Uses {
  readonly book: LicenseBook;
  readonly plans: PlanBook;
  readonly writer: LicenseWriter;
  readonly licenses: LicensesService;
  readonly trials: TrialsService;
  readonly keys: KeysService;
}

interface Of {
  readonly orgId: string;
  readonly licenseId: string;
}

/** What those who run the hub do with licences, of any organisation. */
export class LicenseAdminService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async list(
    actor: Actor,
    orgId: string,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<License>> {
    allow(actor, 'license.admin');
    await this.hub.use(people).organisationOf(orgId);
    const [before] = this.hub.cursors.decode('licenses', cursor) ?? [];
    const rows = await LicenseModel.findAll({ where: { orgId }, order: [['id', 'DESC']] });
    const shown = await Promise.all(
      rows
        .filter(({ id }) => before === undefined || id < String(before))
        .slice(0, limit + 1)
        .map(async (row) => this.uses.licenses.present(await this.uses.book.held(row))),
    );
    return pageOf(
      shown,
      limit,
      ({ id }) => this.hub.cursors.encode('licenses', [id]),
      (row) => row,
    );
  }

  async get(actor: Actor, { orgId, licenseId }: Of): Promise<License> {
    allow(actor, 'license.admin');
    return this.uses.licenses.present(await this.uses.book.find(orgId, licenseId));
  }

  async create(actor: Actor, orgId: string, input: NewLicense): Promise<License> {
    allow(actor, 'license.admin');
    await this.hub.use(people).organisationOf(orgId);
    const { plans, writer, trials } = this.uses;
    return this.hub.transact(async (after) => {
      const plan = await plans.newest(input.plan);
      const startsAt = input.startsAt === undefined ? this.hub.now() : new Date(input.startsAt);
      const anchorDay = input.renewal.anchorDay ?? startsAt.getUTCDate();
      const { type, overage, maintenanceUntil } = input;
      const term = type === 'trial' ? trials.termOf(plan) : plan.term;
      const usual = type === 'perpetual' ? null : intervalAfter(startsAt, term, anchorDay);
      const expiresAt = typeof input.expiresAt === 'string' ? new Date(input.expiresAt) : usual;
      mustEndAfter(startsAt, expiresAt);
      if (type === 'trial') await trials.claimFor(orgId);
      const fields = {
        type,
        startsAt,
        expiresAt,
        anchorDay,
        overage,
        maintenanceUntil: maintenanceUntil === null ? null : new Date(maintenanceUntil),
        renewalAuto: input.renewal.auto,
        renewalBasis: input.renewal.basis,
        ...(input.graceDays !== undefined && { graceDays: input.graceDays }),
      };
      const held = await writer.create(
        { orgId, plan, fields },
        { done: 'created', data: { type, plan: plan.code } },
        after,
      );
      return this.uses.licenses.present(held);
    });
  }

  async change(actor: Actor, of: Of, version: number, input: LicenseChange): Promise<License> {
    return this.write(actor, of, version, async (held, after) => {
      const { row } = held;
      const { plan: code, renewal, ...rest } = input;
      const type = rest.type ?? row.type;
      const expiresAt = rest.expiresAt === undefined ? row.expiresAt : dateOf(rest.expiresAt);
      if ((type === 'perpetual') !== (expiresAt === null)) throw wrongEnd(type);
      mustEndAfter(row.startsAt, expiresAt);
      const isExtension = row.type === 'trial' && type === 'trial' && isLater(expiresAt, row.expiresAt);
      if (isExtension && row.trialExtended) throw new Conflict('TRIAL_EXTENDED', 'This trial was extended before.');
      const plan = code === undefined ? undefined : await this.uses.plans.newest(code);
      return this.uses.writer.change(
        held,
        {
          type,
          expiresAt,
          ...(plan && { planVersionId: plan.id, nextPlanVersionId: null, nextPlanAt: null }),
          ...(rest.maintenanceUntil !== undefined && { maintenanceUntil: dateOf(rest.maintenanceUntil) }),
          ...(rest.graceDays !== undefined && { graceDays: rest.graceDays }),
          ...(rest.overage !== undefined && { overage: rest.overage }),
          ...(renewal?.auto !== undefined && { renewalAuto: renewal.auto }),
          ...(renewal?.basis !== undefined && { renewalBasis: renewal.basis }),
          ...(renewal?.anchorDay !== undefined && { anchorDay: renewal.anchorDay }),
          ...(isExtension && { trialExtended: true }),
        },
        { done: 'changed' },
        after,
      );
    });
  }

  async suspend(actor: Actor, of: Of, reason: string): Promise<License> {
    return this.write(actor, of, null, (held, after) => {
      mustBe(held.row.suspendedAt === null, 'is suspended already');
      const fields = { suspendedAt: this.hub.now(), suspendReason: reason };
      return this.uses.writer.change(held, fields, { done: 'suspended', data: { reason } }, after);
    });
  }

  async reinstate(actor: Actor, of: Of): Promise<License> {
    return this.write(actor, of, null, (held, after) => {
      mustBe(held.row.suspendedAt !== null, 'is not suspended');
      return this.uses.writer.change(held, { suspendedAt: null, suspendReason: null }, { done: 'reinstated' }, after);
    });
  }

  async revoke(actor: Actor, of: Of, reason: string): Promise<License> {
    return this.write(actor, of, null, (held, after) => {
      const fields = { revokedAt: this.hub.now(), revokeReason: reason, renewalAuto: false };
      return this.uses.writer.change(held, fields, { done: 'revoked', data: { reason } }, after);
    });
  }

  async renew(actor: Actor, of: Of, terms: number): Promise<License> {
    return this.write(actor, of, null, async (held, after) => {
      let next = held;
      for (let term = 0; term < terms; term += 1)
        next = await this.uses.licenses.renewed(next, after, { done: 'renewed' });
      return next;
    });
  }

  async override(actor: Actor, of: Of, version: number, overrides: readonly Override[]): Promise<License> {
    return this.write(actor, of, version, (held, after) =>
      this.uses.writer.change(
        held,
        { overrides: JSON.stringify(overrides) },
        { done: 'overridden', data: { overrides: overrides.length } },
        after,
      ),
    );
  }

  async transfer(actor: Actor, of: Of, to: { toOrgId: string; expiry: 'keep' | 'reset' }): Promise<License> {
    allow(actor, 'license.admin');
    await this.hub.use(people).organisationOf(to.toOrgId);
    if (to.toOrgId === of.orgId) throw new Conflict('ALREADY_LICENSED', 'It is this organisation’s already.');
    return this.hub.transact(async (after) => {
      const held = await this.lock(of, null);
      const { row, plan } = held;
      mustBe(row.suspendedAt === null, 'is suspended');
      const now = this.hub.now();
      const isReset = to.expiry === 'reset' && row.expiresAt !== null;
      const startsAt = isReset ? now : row.startsAt;
      const anchorDay = isReset ? now.getUTCDate() : row.anchorDay;
      const fields = {
        type: row.type,
        startsAt,
        anchorDay,
        expiresAt: isReset ? intervalAfter(now, plan.term, anchorDay) : row.expiresAt,
        termStart: isReset ? now : row.termStart,
        graceDays: row.graceDays,
        overage: row.overage,
        maintenanceUntil: row.maintenanceUntil,
        renewalAuto: row.renewalAuto,
        renewalBasis: row.renewalBasis,
        overrides: row.overrides,
        trialExtended: row.trialExtended,
        resellerId: row.resellerId,
      };
      await this.uses.writer.end(held);
      const given = await this.uses.writer.create(
        { orgId: to.toOrgId, plan, fields },
        { done: 'transferred', data: { from: of.orgId } },
        after,
      );
      await this.uses.writer.gave(held, to.toOrgId, after);
      await this.uses.keys.move(of, { orgId: to.toOrgId, licenseId: given.row.id });
      return this.uses.licenses.present(given);
    });
  }

  private async write(
    actor: Actor,
    of: Of,
    version: number | null,
    change: (held: Locked, after: After) => Promise<Locked>,
  ): Promise<License> {
    allow(actor, 'license.admin');
    return this.hub.transact(async (after) =>
      this.uses.licenses.present(await change(await this.lock(of, version), after)),
    );
  }

  /** What was revoked or ended stays as it is. */
  private async lock({ orgId, licenseId }: Of, version: number | null): Promise<Locked> {
    const held = await this.uses.book.lock(orgId, licenseId);
    if (version !== null && held.row.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this licence meanwhile.', {
        current: await this.uses.licenses.present(held),
      });
    mustBe(held.row.endedAt === null, 'has ended');
    mustBe(held.row.revokedAt === null, 'was revoked');
    return held;
  }
}

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
const isLater = (a: Date | null, b: Date | null): boolean => a !== null && b !== null && a > b;

function mustBe(isSo: boolean, what: string): void {
  if (!isSo) throw new Conflict('LICENSE_STATE', `This licence ${what}.`);
}

function mustEndAfter(startsAt: Date, expiresAt: Date | null): void {
  if (expiresAt === null || expiresAt > startsAt) return;
  throw new HubError('VALIDATION_FAILED', 'Wrong: expiresAt.', {
    errors: [{ path: 'expiresAt', code: 'too_early', message: 'lies before its start' }],
  });
}

const wrongEnd = (type: string): HubError =>
  new HubError('VALIDATION_FAILED', 'Wrong: expiresAt.', {
    errors: [{ path: 'expiresAt', code: 'wrong_end', message: `does not fit a ${type} licence` }],
  });
