import { type CheckIn, checkInsLive, type EndCheckIn, type StartCheckIn } from '@loro/contracts/check-ins';
import { streamName } from '@loro/contracts/kit/live';
import { Op, type WhereOptions } from 'sequelize';
import { ulid } from 'ulid';
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
} from '../../platform';
import { branches } from '../branches';
import { people } from '../people';
import { CheckInModel, endColumns, startColumns } from './check-in.model';

interface CheckInQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly branchId?: string | undefined;
  readonly userId?: string | undefined;
  readonly open?: boolean | undefined;
}

type StreamPositions = { stream: string; epoch: string; n: number }[];

export class CheckInsService {
  constructor(private readonly hub: Hub) {}

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
      const checkIn = row.toContract(actor.name);
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
      const checkIn = row.toContract(actor.name);
      after.publish(checkInsLive, 'check-in:ended', { orgId, id: row.branchId }, checkIn);
      return checkIn;
    });
  }

  async get(actor: Actor, checkInId: string): Promise<CheckIn> {
    const row = await CheckInModel.findOne({ where: { orgId: actor.orgId, id: checkInId } });
    if (!row) throw new NotFound('This check-in');
    allow(actor, 'check-ins.read', { userId: row.userId, branchId: row.branchId, what: 'This check-in' });
    const names = await this.names(actor.orgId, [row.userId]);
    return row.toContract(names.get(row.userId) ?? '');
  }

  /** A page, and where the branch's stream stood at that very moment: subscribing from there leaves no window. */
  async list(actor: Actor, query: CheckInQuery): Promise<Page<CheckIn> & { streams: StreamPositions }> {
    const { scope, branchIds } = reachOf(actor, 'check-ins.read');
    const { limit, branchId, userId, open } = query;
    const before = this.hub.cursors.decode('check-ins', query.cursor);
    const mine = { [Op.or]: [{ userId: actor.userId }, { branchId: [...branchIds] }] };
    const where: WhereOptions = {
      orgId: actor.orgId,
      ...(branchId && { branchId }),
      ...(userId && { userId }),
      ...(open !== undefined && { openFor: open ? { [Op.not]: null } : null }),
      ...(before && { id: { [Op.lt]: before[0] } }),
      ...(scope !== 'org' && { [Op.and]: [mine] }),
    };
    const watched = branchId ?? actor.homeBranchId;
    const streams = watched === null ? [] : [streamName(actor.orgId, 'branch', watched)];
    await this.hub.streams.openHeads(streams);
    return this.hub.snapshot(async () => {
      const rows = await CheckInModel.findAll({ where, order: [['id', 'DESC']], limit: limit + 1 });
      const names = await this.names(actor.orgId, [...new Set(rows.map((row) => row.userId))]);
      return {
        ...pageOf(
          rows,
          limit,
          ({ id }) => this.hub.cursors.encode('check-ins', [id]),
          (row) => row.toContract(names.get(row.userId) ?? ''),
        ),
        streams: await this.hub.streams.heads(streams),
      };
    });
  }

  /** What the right to hear a branch is asked about. */
  async branchSubject(orgId: string, branchId: string): Promise<{ branchId: string } | null> {
    return (await this.hub.use(branches).exists(orgId, branchId)) ? { branchId } : null;
  }

  private async names(orgId: string, userIds: readonly string[]): Promise<Map<string, string>> {
    return this.hub.use(people).namesOf(orgId, userIds);
  }
}
