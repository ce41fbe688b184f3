import { type CheckIn, checkInsLive, type EndCheckIn, type StartCheckIn } from '@loro/contracts/check-ins';
import type { StreamPosition } from '@loro/contracts/kit/api';
import { streamName } from '@loro/contracts/kit/live';
import type { z } from 'zod';
import {
  type Actor,
  allow,
  Conflict,
  type Hub,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  reachOf,
  ulid,
} from '../../platform';
import { branches } from '../branches';
import { people } from '../people';
import { CheckInModel, endColumns, startColumns, toContract } from './check-in.model';
import { CheckInsStore } from './check-ins.store';

interface CheckInQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly branchId?: string | undefined;
  readonly userId?: string | undefined;
  readonly open?: boolean | undefined;
}

export class CheckInsService {
  private readonly store: CheckInsStore;

  constructor(private readonly hub: Hub) {
    this.store = new CheckInsStore(hub);
  }

  /** Opens a check-in. A person has at most one open at a time. */
  async start(actor: Actor, { position, branchId, note }: z.output<typeof StartCheckIn>): Promise<CheckIn> {
    allow(actor, 'check-ins.create', { userId: actor.userId });
    const at = branchId ?? actor.homeBranchId;
    if (at === null) throw new Conflict('NO_BRANCH', 'Name the branch: you have no home branch.');
    const { orgId, userId } = actor;
    if (!(await this.hub.use(branches).exists(orgId, at))) throw new NotFound('This branch');
    return this.hub.transact(async (after) => {
      const row = await CheckInModel.create({
        orgId,
        id: ulid(this.hub.now().getTime()),
        branchId: at,
        userId,
        startedAt: this.hub.now(),
        ...startColumns(position),
        endedAt: null,
        endedLatE7: null,
        endedLngE7: null,
        endedAccuracyM: null,
        note: note ?? null,
        openFor: userId,
      }).catch(onDuplicate((cause) => new Conflict('CHECK_IN_OPEN', 'You are already checked in.', { cause })));
      const checkIn = toContract(row, actor.name);
      after.publish(checkInsLive, 'check-in:started', { orgId, id: at }, checkIn);
      return checkIn;
    });
  }

  /** Closes one's own open check-in. */
  async end(actor: Actor, checkInId: string, { position }: z.output<typeof EndCheckIn>): Promise<CheckIn> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await CheckInModel.findOne({ where: { orgId, id: checkInId }, lock: true });
      if (row?.userId !== actor.userId) throw new NotFound('This check-in');
      allow(actor, 'check-ins.create', { userId: row.userId });
      if (row.endedAt) throw new Conflict('CHECK_IN_ENDED', 'You have already checked out.');

      await row.update({ endedAt: this.hub.now(), ...endColumns(position), openFor: null });
      const checkIn = toContract(row, actor.name);
      after.publish(checkInsLive, 'check-in:ended', { orgId, id: row.branchId }, checkIn);
      return checkIn;
    });
  }

  async get(actor: Actor, checkInId: string): Promise<CheckIn> {
    const checkIn = await this.store.byId(actor.orgId, checkInId, this.namesIn(actor.orgId));
    if (!checkIn) throw new NotFound('This check-in');
    const { userId, branchId } = checkIn;
    allow(actor, 'check-ins.read', { userId, branchId, what: 'This check-in' });
    return checkIn;
  }

  /** A page, and where the branch's stream stood at that very moment: subscribing from there leaves no window. */
  async list(actor: Actor, query: CheckInQuery): Promise<Page<CheckIn> & { streams: StreamPosition[] }> {
    const { scope, branchIds } = reachOf(actor, 'check-ins.read');
    const { orgId } = actor;
    const { limit, branchId, userId, open } = query;
    const [before] = this.hub.cursors.decode('check-ins', query.cursor) ?? [];
    const filter = {
      orgId,
      branchId,
      userId,
      open,
      before: before?.toString(),
      visible: scope === 'org' ? null : { userId: actor.userId, branchIds: [...branchIds] },
    };
    const watched = branchId ?? actor.homeBranchId;
    const stream = watched === null ? null : streamName(orgId, 'branch', watched);
    const { items, streams } = await this.store.newest(filter, limit + 1, stream, this.namesIn(orgId));
    const page = pageOf(
      items,
      limit,
      ({ id }) => this.hub.cursors.encode('check-ins', [id]),
      (item) => item,
    );
    return { ...page, streams };
  }

  /** What the right to hear a branch is asked about. */
  async branchSubject(orgId: string, branchId: string): Promise<{ branchId: string } | null> {
    return (await this.hub.use(branches).exists(orgId, branchId)) ? { branchId } : null;
  }

  private readonly namesIn = (orgId: string) => (userIds: readonly string[]) =>
    this.hub.use(people).namesOf(orgId, userIds);
}
