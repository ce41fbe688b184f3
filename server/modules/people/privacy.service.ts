import type { DataExport, Erasure } from '@loro/contracts/people-me';
import { Op } from 'sequelize';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  Forbidden,
  type Hub,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import type { DirectoryService } from './directory.service';
import { ErasureModel } from './erasure.model';
import type { HookBook } from './hooks';
import type { StandingService } from './standing.service';
import { tellBranches } from './telling';
import { TeamMemberModel, TeamModel } from './team.model';
import type { UserModel } from './user.model';
import type { UsersStore } from './users.store';

interface Uses {
  readonly users: UsersStore;
  readonly hooks: HookBook;
  readonly directory: DirectoryService;
  readonly standing: StandingService;
  readonly forgetName: (orgId: string, userId: string) => void;
}

interface ErasureQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly status?: Erasure['status'] | undefined;
}

/** What a person may ask of what is kept about him: a copy, and to be forgotten. */
export class PrivacyService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async export(actor: Actor): Promise<DataExport> {
    allow(actor, 'account.use', { userId: actor.userId });
    const { orgId, userId } = actor;
    const user = await this.uses.directory.byId(orgId, userId);
    const [profile, teams, rooms] = await Promise.all([
      this.uses.users.profile(orgId, userId),
      this.teamsOf(orgId, userId),
      this.uses.hooks.export({ ...user, orgId }),
    ]);
    await this.hub.transact(async (after) =>
      after.record({ action: 'user.data-exported', type: 'user_action', entity: { type: 'user', id: userId } }),
    );
    return { exportedAt: this.hub.now().toISOString(), user: { ...user, profile }, teams, rooms };
  }

  async request(actor: Actor, reason: string | null): Promise<Erasure> {
    allow(actor, 'account.use', { userId: actor.userId });
    const { orgId, userId } = actor;
    return this.hub.transact(async (after) => {
      await this.mustNotOwn(orgId, userId);
      const now = this.hub.now();
      const row = await ErasureModel.create({
        orgId,
        id: ulid(now.getTime()),
        userId,
        status: 'open',
        openMark: 1,
        reason,
        requestedAt: now,
        decidedBy: null,
        decidedAt: null,
        answer: null,
      }).catch(onDuplicate((cause) => new Conflict('ERASURE_OPEN', 'You asked already.', { cause })));
      return this.noted(row, 'erasure.requested', after);
    });
  }

  async withdraw(actor: Actor): Promise<Erasure> {
    allow(actor, 'account.use', { userId: actor.userId });
    return this.hub.transact(async (after) => {
      const row = await ErasureModel.findOne({
        where: { orgId: actor.orgId, userId: actor.userId, openMark: 1 },
        lock: true,
      });
      if (!row) throw new NotFound('An open request');
      await row.update({ status: 'withdrawn', openMark: null });
      return this.noted(row, 'erasure.withdrawn', after);
    });
  }

  async list(actor: Actor, { limit, cursor, status }: ErasureQuery): Promise<Page<Erasure>> {
    allow(actor, 'people.erase');
    const after = this.hub.cursors.decode('erasures', cursor);
    const rows = await ErasureModel.findAll({
      where: { orgId: actor.orgId, ...(status && { status }), ...(after && { id: { [Op.lt]: after[0] } }) },
      order: [['id', 'DESC']],
      limit: limit + 1,
    });
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('erasures', [id]),
      (row) => row.toContract(),
    );
  }

  async approve(actor: Actor, erasureId: string): Promise<Erasure> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      await this.uses.users.lockOrganisation(orgId, 'share');
      const request = await this.lockOpen(actor, erasureId);
      await this.mustNotOwn(orgId, request.userId);
      const row = await this.uses.users.lock(orgId, request.userId);
      const { email, name } = row;
      if (row.status !== 'deactivated') await this.uses.standing.leave(row, 'deactivate', after);
      await this.forget(row, after);
      await request.update({ ...decided(actor, this.hub.now()), status: 'approved', reason: null });
      this.hub.mail.post(after, {
        to: email,
        subject: 'You were forgotten',
        text: `${name}, what was kept about you is erased, as you asked. What cannot be told from others’, such as sums, stays.`,
      });
      return this.noted(request, 'erasure.approved', after);
    });
  }

  async refuse(actor: Actor, erasureId: string, answer: string): Promise<Erasure> {
    return this.hub.transact(async (after) => {
      const request = await this.lockOpen(actor, erasureId);
      await request.update({ ...decided(actor, this.hub.now()), status: 'refused', answer });
      const { email, name } = await this.uses.users.lock(actor.orgId, request.userId);
      this.hub.mail.post(after, {
        to: email,
        subject: 'Your request to be forgotten',
        text: `${name}, your request to be forgotten was refused:\n\n${answer}`,
      });
      return this.noted(request, 'erasure.refused', after);
    });
  }

  private async forget(row: UserModel, after: After): Promise<void> {
    const { orgId, id } = row;
    const { users, hooks } = this.uses;
    await hooks.run('onErase', { ...row.toContract(), orgId }, after);
    await users.forgetProfile(orgId, id);
    const { user } = await users.change(row, {
      // Nothing can be sent there: the domain is reserved for that.
      email: `${id.toLowerCase()}@erased.invalid`,
      name: `Former colleague ${id.slice(-4)}`,
      phone: null,
      employeeNo: null,
      jobTitle: null,
      timezone: null,
      locale: null,
      avatarDocumentId: null,
      startedOn: null,
      endedOn: null,
      lastSeenAt: null,
      erasedAt: this.hub.now(),
    });
    this.hub.afterCommit(() => this.uses.forgetName(orgId, id));
    tellBranches(after, 'user:updated', { orgId, user });
  }

  private async lockOpen(actor: Actor, id: string): Promise<ErasureModel> {
    allow(actor, 'people.erase');
    const row = await ErasureModel.findOne({ where: { orgId: actor.orgId, id }, lock: true });
    if (!row) throw new NotFound('This request');
    if (row.userId === actor.userId) throw new Forbidden('FORBIDDEN', 'Somebody else decides about your request.');
    if (row.status !== 'open') throw new Conflict('ERASURE_DECIDED', `This request is ${row.status}.`);
    return row;
  }

  private async mustNotOwn(orgId: string, userId: string): Promise<void> {
    const { ownerId } = await this.uses.users.lockOrganisation(orgId, 'share');
    if (ownerId === userId) throw new Conflict('OWNER_IMMUTABLE', 'Give the organisation to somebody else first.');
  }

  private async teamsOf(orgId: string, userId: string): Promise<DataExport['teams']> {
    const members = await TeamMemberModel.findAll({ where: { orgId, userId }, order: ['fromAt'] });
    const teams = await TeamModel.findAll({ where: { orgId, id: members.map(({ teamId }) => teamId) } });
    return members.map(({ teamId, fromAt, toAt }) => ({
      teamId,
      name: teams.find(({ id }) => id === teamId)?.name ?? '',
      from: fromAt.toISOString(),
      to: toAt?.toISOString() ?? null,
    }));
  }

  private noted(row: ErasureModel, action: `erasure.${string}`, after: After): Erasure {
    const erasure = row.toContract();
    const { id, userId, status } = erasure;
    after.record({
      action,
      type: 'security_event',
      severity: 'notice',
      entity: { type: 'erasure', id },
      data: { userId, status },
    });
    return erasure;
  }
}

const decided = ({ userId }: Actor, now: Date) => ({ openMark: null, decidedBy: userId, decidedAt: now });
