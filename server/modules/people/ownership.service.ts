import type { Organisation } from '@loro/contracts/people';
import { peopleLive } from '@loro/contracts/people-live';
import type { OwnershipTransfer } from '@loro/contracts/people-organisation';
import { type Actor, allow, Conflict, type Hub, NotFound, onDuplicate, ulid } from '../../platform';
import type { HookBook } from './hooks';
import type { OrganisationService } from './organisation.service';
import { OwnershipTransferModel } from './ownership-transfer.model';
import { tellOrganisation } from './telling';
import type { UsersStore } from './users.store';

const OPEN_DAYS = 7;

interface Uses {
  readonly users: UsersStore;
  readonly hooks: HookBook;
  readonly organisations: OrganisationService;
}

/** Giving the organisation to somebody else: the owner offers, the other one accepts, each freshly signed in. */
export class OwnershipService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async offer(actor: Actor, toUserId: string): Promise<OwnershipTransfer> {
    const { orgId, userId: fromUserId } = actor;
    const { users, organisations } = this.uses;
    return this.hub.transact(async (after) => {
      const organisation = await organisations.lockAsOwner(actor);
      const to = await users.lock(orgId, toUserId);
      if (to.id === fromUserId || to.status !== 'active' || to.kind !== 'person')
        throw new Conflict('USER_STATE_INVALID', 'Only somebody else who works here can become the owner.');
      const now = this.hub.now();
      await this.expire(orgId, now);
      const row = await OwnershipTransferModel.create({
        orgId,
        id: ulid(now.getTime()),
        fromUserId,
        toUserId,
        status: 'open',
        openMark: 1,
        createdAt: now,
        expiresAt: new Date(now.getTime() + OPEN_DAYS * 86_400_000),
      }).catch(onDuplicate((cause) => new Conflict('TRANSFER_OPEN', 'An offer is open already.', { cause })));
      const transfer = row.toContract();
      after.publish(peopleLive, 'ownership:offered', { orgId, id: toUserId }, transfer);
      this.hub.mail.post(after, {
        to: to.email,
        subject: `${organisation.name} is offered to you`,
        text: `${to.name}, ${actor.name} wants to make you the owner of ${organisation.name}.\n\nSign in to accept or decline, until ${transfer.expiresAt.slice(0, 10)}.`,
      });
      after.record({
        action: 'ownership.offered',
        type: 'security_event',
        entity: { type: 'organisation', id: orgId },
        data: { transferId: transfer.id, fromUserId, toUserId },
      });
      return transfer;
    });
  }

  async read(actor: Actor): Promise<OwnershipTransfer> {
    allow(actor, 'account.use', { userId: actor.userId });
    const row = await OwnershipTransferModel.findOne({ where: { orgId: actor.orgId, openMark: 1 } });
    if (!row || !isParty(actor, row) || row.expiresAt <= this.hub.now()) throw new NotFound('An offer');
    return row.toContract();
  }

  async accept(actor: Actor, transferId: string): Promise<Organisation> {
    allow(actor, 'account.use', { userId: actor.userId });
    const { orgId, userId } = actor;
    const { users, hooks } = this.uses;
    return this.hub.transact(async (after) => {
      const organisation = await users.lockOrganisation(orgId, 'update');
      const transfer = await this.lockOpen(orgId, transferId, (row) => row.toUserId === userId);
      const [from, to] = [await users.lock(orgId, transfer.fromUserId), await users.lock(orgId, userId)];
      if (organisation.ownerId !== from.id || to.status !== 'active')
        throw new Conflict('TRANSFER_ENDED', 'The offer does not hold any more.');
      await transfer.update({ status: 'accepted', openMark: null });
      const before = organisation.toContract();
      await organisation.update({ ownerId: to.id, version: organisation.version + 1 });
      await hooks.run('onTransfer', { orgId, from: from.toContract(), to: to.toContract() }, after);
      await users.rightsChanged(orgId, [from.id, to.id]);
      tellOrganisation(after, 'organisation.transferred', organisation.toContract(), before);
      return organisation.toContract();
    });
  }

  async decline(actor: Actor, transferId: string): Promise<void> {
    allow(actor, 'account.use', { userId: actor.userId });
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      await this.uses.users.lockOrganisation(orgId, 'update');
      const transfer = await this.lockOpen(orgId, transferId, (row) => isParty(actor, row));
      await transfer.update({ status: 'declined', openMark: null });
      after.record({
        action: 'ownership.declined',
        type: 'security_event',
        entity: { type: 'organisation', id: orgId },
        data: { transferId },
      });
    });
  }

  private async lockOpen(
    orgId: string,
    id: string,
    isTheirs: (row: OwnershipTransferModel) => boolean,
  ): Promise<OwnershipTransferModel> {
    const row = await OwnershipTransferModel.findOne({ where: { orgId, id }, lock: true });
    if (!row || !isTheirs(row)) throw new NotFound('This offer');
    if (row.status !== 'open' || row.expiresAt <= this.hub.now())
      throw new Conflict('TRANSFER_ENDED', 'The offer does not hold any more.');
    return row;
  }

  private async expire(orgId: string, now: Date): Promise<void> {
    const row = await OwnershipTransferModel.findOne({ where: { orgId, openMark: 1 }, lock: true });
    if (row && row.expiresAt <= now) await row.update({ status: 'expired', openMark: null });
  }
}

const isParty = ({ userId }: Actor, row: OwnershipTransferModel): boolean =>
  row.fromUserId === userId || row.toUserId === userId;
