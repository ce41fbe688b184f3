import type { Activation } from '@loro/contracts/licensing-nodes';
import type { LicenseState } from '@loro/contracts/licensing-values';
import { type Actor, type After, allow, type Hub, HubError, NotFound, type Page, pageOf, ulid } from '../../platform';
import { ActivationModel } from './activation.model';
import { activationState, holdsSeat } from './activations.policy';
import { fingerprintHash } from './keys.service';
import type { LicenseBook, Locked } from './license-book';
import { works } from './licensing.policy';
import { lapsed } from './limits.service';
import { standingOf } from './terms.policy';

type Beat = Activation & { license: { state: LicenseState; until: string | null } };

/** Machines of self-hosted installations. The licence’s row is held while places are counted: of two at once, one wins. */
export class ActivationsService {
  constructor(
    private readonly hub: Hub,
    private readonly book: LicenseBook,
  ) {}

  async activate(actor: Actor, { fingerprint, label }: { fingerprint: string; label: string }): Promise<Activation> {
    allow(actor, 'license.activate');
    return this.hub.transact(async (after) => {
      const held = await this.working(actor.orgId);
      const { orgId, id: licenseId } = held.row;
      const hash = fingerprintHash(fingerprint);
      const known = await ActivationModel.findOne({ where: { orgId, licenseId, fingerprint: hash }, lock: true });
      if (known) return this.alive(known, held, after, label);
      await this.mustHavePlace(held);
      const now = this.hub.now();
      const made = await ActivationModel.create({
        orgId,
        id: ulid(now.getTime()),
        licenseId,
        fingerprint: hash,
        label,
        firstSeenAt: now,
        lastBeatAt: now,
        deactivatedAt: null,
      });
      note(after, 'activated', made, now);
      return made.toContract(now);
    });
  }

  /** A machine whose licence has run out says that it is alive, too, and hears so. */
  async beat(actor: Actor, activationId: string): Promise<Beat> {
    allow(actor, 'license.activate');
    return this.hub.transact(async (after) => {
      const held = await this.book.lockCurrent(actor.orgId);
      const row = await this.lock(actor, activationId);
      if (!held || held.row.id !== row.licenseId) throw new NotFound('This activation');
      const { state, until } = standingOf(held, this.hub.now());
      const activation = await this.alive(row, held, after, row.label);
      return { ...activation, license: { state, until: until?.toISOString() ?? null } };
    });
  }

  async deactivate(actor: Actor, activationId: string): Promise<void> {
    allow(actor, 'license.activate');
    await this.hub.transact(async (after) => {
      const row = await this.lock(actor, activationId);
      if (row.deactivatedAt) return;
      const now = this.hub.now();
      await row.update({ deactivatedAt: now });
      note(after, 'deactivated', row, now);
    });
  }

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<Activation>> {
    allow(actor, 'license.activate');
    const { orgId } = actor;
    const held = await this.book.of(orgId);
    const [before] = this.hub.cursors.decode('activations', cursor) ?? [];
    const rows = held
      ? await ActivationModel.findAll({ where: { orgId, licenseId: held.row.id }, order: [['id', 'DESC']] })
      : [];
    const now = this.hub.now();
    return pageOf(
      rows.filter(({ id }) => before === undefined || id < String(before)),
      limit,
      ({ id }) => this.hub.cursors.encode('activations', [id]),
      (row) => row.toContract(now),
    );
  }

  /** Of a machine that asks what its key is good for. */
  async stateOf(orgId: string, licenseId: string, fingerprint: string): Promise<'alive' | 'dead' | 'none'> {
    const row = await ActivationModel.findOne({
      where: { orgId, licenseId, fingerprint: fingerprintHash(fingerprint) },
    });
    const state = row ? activationState(row, this.hub.now()) : 'deactivated';
    return state === 'deactivated' ? 'none' : state;
  }

  /** Machines that take a place, for those who count. */
  async placed(orgId: string): Promise<number> {
    const held = await this.book.current(orgId);
    return held ? this.taken(orgId, held.row.id) : 0;
  }

  private async alive(row: ActivationModel, held: Locked, after: After, label: string): Promise<Activation> {
    const now = this.hub.now();
    if (!holdsSeat(row, now)) await this.mustHavePlace(held);
    const wasAlive = activationState(row, now) === 'alive';
    await row.update({ lastBeatAt: now, deactivatedAt: null, label });
    if (!wasAlive) note(after, 'resurrected', row, now);
    return row.toContract(now);
  }

  private async mustHavePlace(held: Locked): Promise<void> {
    const { orgId, id } = held.row;
    const standing = standingOf(held, this.hub.now());
    const allowed = standing.limits.activations;
    const used = await this.taken(orgId, id);
    if (allowed === null || (used < allowed && standing.state !== 'grace')) return;
    throw new HubError('LICENSE_LIMIT_REACHED', `The licence allows ${allowed} machines; ${used} are activated.`, {
      current: { feature: 'activations', limit: allowed, allowed, used },
    });
  }

  private async taken(orgId: string, licenseId: string): Promise<number> {
    const rows = await ActivationModel.findAll({ where: { orgId, licenseId, deactivatedAt: null } });
    const now = this.hub.now();
    return rows.filter((row) => holdsSeat(row, now)).length;
  }

  private async working(orgId: string): Promise<Locked> {
    const held = await this.book.lockCurrent(orgId);
    if (!held) throw lapsed({ state: 'expired' });
    const standing = standingOf(held, this.hub.now());
    if (!works(standing)) throw lapsed(standing);
    return held;
  }

  private async lock({ orgId }: Actor, id: string): Promise<ActivationModel> {
    const row = await ActivationModel.findOne({ where: { orgId, id }, lock: true });
    if (!row) throw new NotFound('This activation');
    return row;
  }
}

const note = (after: After, done: string, row: ActivationModel, now: Date): void =>
  after.record({
    action: `activation.${done}`,
    orgId: row.orgId,
    entity: { type: 'license-activation', id: row.id },
    after: row.toContract(now),
  });
