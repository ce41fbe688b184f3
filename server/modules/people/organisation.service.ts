import { randomInt } from 'node:crypto';
import type { Organisation, User } from '@loro/contracts/people';
import type { OrganisationChange } from '@loro/contracts/people-organisation';
import type { CreationAttributes } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  Forbidden,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  ulid,
} from '../../platform';
import type { HookBook } from './hooks';
import { OrganisationModel } from './organisation.model';
import { canUndo, UNDO_DAYS, undoableUntil } from './standing.policy';
import { noteUser, tellOrganisation } from './telling';
import type { UsersStore } from './users.store';

/** What an organisation begins with. */
export interface NewOrganisation {
  readonly name: string;
  /** By default made of the name. */
  readonly slug?: string;
  readonly status?: 'trial' | 'active';
  readonly timezone: string;
  readonly locale: string;
  readonly currency: string;
  readonly country: string;
}

/** Who begins it. */
export interface NewOwner {
  readonly email: string;
  readonly name: string;
  readonly status: 'pending_verification' | 'active';
}

const SLUG_TRIES = 20;

/** The organisation itself: founded, changed, closed. */
export class OrganisationService {
  constructor(
    private readonly hub: Hub,
    private readonly users: UsersStore,
    private readonly hooks: HookBook,
  ) {}

  async read(actor: Actor): Promise<Organisation> {
    allow(actor, 'people.read', { orgId: actor.orgId });
    return this.byId(actor.orgId);
  }

  /** @throws NotFound */
  async byId(orgId: string): Promise<Organisation> {
    const row = await OrganisationModel.findByPk(orgId);
    if (!row) throw new NotFound('This organisation');
    return row.toContract();
  }

  /** In the caller's transaction. */
  async found(
    input: NewOrganisation,
    owner: NewOwner,
    after: After,
  ): Promise<{ organisation: Organisation; owner: User }> {
    const now = this.hub.now();
    const fields = {
      ...input,
      id: ulid(now.getTime()),
      slug: input.slug ?? slugOf(input.name),
      status: input.status ?? 'trial',
      roundingMode: 'half-up' as const,
      ownerId: null,
      closedAt: null,
      closedFrom: null,
      createdAt: now,
      version: 1,
    };
    const row = await this.insert(fields, input.slug === undefined ? SLUG_TRIES : 1);
    const user = await this.users.create({
      orgId: row.id,
      id: ulid(now.getTime()),
      email: owner.email.normalize('NFC').toLowerCase(),
      name: owner.name,
      status: owner.status,
      kind: 'person',
      homeBranchId: null,
      jobTitle: null,
      employeeNo: null,
      createdAt: now,
      version: 1,
    });
    await row.update({ ownerId: user.id });
    const founded = { organisation: row.toContract(), owner: user };
    await this.hooks.run('onFound', { ...founded, owner: { ...user, orgId: row.id } }, after);
    tellOrganisation(after, 'organisation.founded', founded.organisation);
    noteUser(after, 'user.created', { orgId: row.id, user });
    return founded;
  }

  async update(actor: Actor, version: number, change: z.output<typeof OrganisationChange>): Promise<Organisation> {
    allow(actor, 'organisation.update', { orgId: actor.orgId });
    return this.hub.transact(async (after) => {
      const row = await this.users.lockOrganisation(actor.orgId, 'update');
      const before = row.toContract();
      if (row.version !== version)
        throw new HubError('VERSION_CONFLICT', 'Somebody changed the organisation meanwhile.', { current: before });
      await row
        .update({ ...given(change), version: version + 1 })
        .catch(
          onDuplicate((cause) => new Conflict('SLUG_TAKEN', `The short name ${change.slug} is taken.`, { cause })),
        );
      const organisation = row.toContract();
      tellOrganisation(after, 'organisation.updated', organisation, before);
      return organisation;
    });
  }

  async close(actor: Actor): Promise<Organisation> {
    return this.hub.transact(async (after) => {
      const row = await this.lockAsOwner(actor);
      if (row.status === 'closed') throw new Conflict('ORGANISATION_CLOSED', 'The organisation is closed already.');
      const now = this.hub.now();
      const organisation = await this.step(row, { status: 'closed', closedAt: now, closedFrom: row.status }, after);
      await this.hooks.run('onClose', organisation, after);
      const owner = await this.users.lock(actor.orgId, actor.userId);
      this.hub.mail.post(after, {
        to: owner.email,
        subject: `${organisation.name} is closed`,
        text: `You closed ${organisation.name}. Nobody but you can sign in any more.\n\nUntil ${undoableUntil(now).toISOString().slice(0, 10)} you can undo this: sign in and reopen it. After these ${UNDO_DAYS} days you cannot.`,
      });
      return organisation;
    });
  }

  async reopen(actor: Actor): Promise<Organisation> {
    return this.hub.transact(async (after) => {
      const row = await this.lockAsOwner(actor);
      const { closedAt, closedFrom } = row;
      if (closedAt === null || closedFrom === null)
        throw new Conflict('ORGANISATION_OPEN', 'The organisation is not closed.');
      if (!canUndo(closedAt, this.hub.now()))
        throw new Conflict('TOO_LATE', `It was closed more than ${UNDO_DAYS} days ago.`);
      const organisation = await this.step(row, { status: closedFrom, closedAt: null, closedFrom: null }, after);
      await this.hooks.run('onReopen', organisation, after);
      return organisation;
    });
  }

  /** The owner's own doing: the permission that his role holds is not enough. */
  async lockAsOwner(actor: Actor): Promise<OrganisationModel> {
    allow(actor, 'organisation.own', { orgId: actor.orgId });
    const row = await this.users.lockOrganisation(actor.orgId, 'update');
    if (row.ownerId !== actor.userId) throw new Forbidden('FORBIDDEN', 'Only the owner may do this.');
    return row;
  }

  private async step(
    row: OrganisationModel,
    change: Pick<CreationAttributes<OrganisationModel>, 'status' | 'closedAt' | 'closedFrom'>,
    after: After,
  ): Promise<Organisation> {
    const before = row.toContract();
    await row.update({ ...change, version: row.version + 1 });
    const organisation = row.toContract();
    tellOrganisation(after, `organisation.${change.status === 'closed' ? 'closed' : 'reopened'}`, organisation, before);
    await this.users.everybodysRightsChanged(row.id);
    return organisation;
  }

  /** Of two organisations with one name the second gets a number behind its short name. */
  private async insert(fields: CreationAttributes<OrganisationModel>, tries: number): Promise<OrganisationModel> {
    for (let attempt = 1; ; attempt += 1) {
      const slug = attempt === 1 ? fields.slug : `${fields.slug.slice(0, 70)}-${randomInt(1_000, 1_000_000)}`;
      const taken = (cause: Error) => new Conflict('SLUG_TAKEN', `The short name ${slug} is taken.`, { cause });
      try {
        return await OrganisationModel.create({ ...fields, slug }).catch(onDuplicate(taken));
      } catch (error) {
        if (!(error instanceof Conflict) || attempt === tries) throw error;
      }
    }
  }
}

const given = (change: object): object =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));

/** `Blue Crane Cooling (Pty)` → `blue-crane-cooling-pty`. */
function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[^\p{Letter}\p{Number} -]/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return plain.length < 2 ? 'organisation' : plain.slice(0, 80).replace(/-$/, '');
}
