import { Op } from 'sequelize';
import { type Hub, Remembered } from '../../platform';
import { BranchModel } from './branch.model';
import { shapeOf } from './fences.policy';
import { GeofenceModel } from './geofence.model';
import { FenceIndex, usualBufferM, type WatchedFence } from './geofence-index';

interface Known {
  readonly index: FenceIndex;
  readonly mark: number;
}

const POKE = 'fences';
/** How long a node may go by what it knows without asking whether it still holds; a poke asks sooner. */
const TRUSTED_MS = 1_000;
const KEPT_MS = 10 * 60_000;
const KEPT = 500;
const BRANCH_ACC_MAX_M = 100;
/** Every event that tells of a changed fence. */
const TELLING = new Set(['branches:changed', 'geofences:changed']);

/**
 * The fences of organisations, ready to be asked by place. A row counts an organisation's changes; a node that knows
 * an older count reads anew.
 */
export class FenceMemory {
  private readonly known: Remembered<Known>;
  private readonly checkedAt = new Map<string, number>();
  private readonly reading = new Map<string, Promise<FenceIndex>>();
  /** Counts what was told: an answer that was asked for before it is not trusted. */
  private told = 0;

  constructor(private readonly hub: Hub) {
    this.known = new Remembered(KEPT_MS, KEPT, hub.now);
  }

  start(): void {
    this.hub.pokes.on(POKE, () => this.distrust());
    this.hub.onEvents(async (events) => {
      const changed = new Set(events.flatMap(({ event, stream }) => (TELLING.has(event) ? [orgOf(stream)] : [])));
      for (const orgId of [...changed].toSorted()) await this.changed(orgId);
    });
  }

  async of(orgId: string): Promise<FenceIndex> {
    const known = this.known.get(orgId);
    const checkedAt = this.checkedAt.get(orgId);
    if (known && checkedAt !== undefined && performance.now() - checkedAt < TRUSTED_MS) return known.index;
    const running = this.reading.get(orgId);
    if (running) return running;
    const read = this.read(orgId, known);
    this.reading.set(orgId, read);
    const done = () => void (this.reading.get(orgId) === read && this.reading.delete(orgId));
    read.then(done, done);
    return read;
  }

  private distrust(): void {
    this.told += 1;
    this.checkedAt.clear();
    this.reading.clear();
  }

  private async read(orgId: string, known: Known | undefined): Promise<FenceIndex> {
    const askedAt = performance.now();
    const { told } = this;
    // The count first: what changes while the rows are read makes them be read again.
    const row = await this.hub.reads.one<{ n: number }>('SELECT n FROM fence_marks WHERE org_id = ?', [orgId]);
    const mark = row?.n ?? 0;
    const index = known?.mark === mark ? known.index : new FenceIndex(await this.watched(orgId));
    this.known.set(orgId, { index, mark });
    if (this.checkedAt.size > KEPT) this.checkedAt.clear();
    if (told === this.told) this.checkedAt.set(orgId, askedAt);
    return index;
  }

  private async watched(orgId: string): Promise<WatchedFence[]> {
    // Apart: the caller's transaction may see an older moment than the count does.
    const { branches, own } = await this.hub.transactApart(async () => ({
      branches: await BranchModel.findAll({ where: { orgId, status: 'active', [Op.or]: hasFence }, order: ['id'] }),
      own: await GeofenceModel.findAll({ where: { orgId, removedAt: null }, order: ['id'] }),
    }));
    // Fences of their own stand in the plan; a branch's own one every plan has.
    const isEntitled = own.length > 0 && (await this.hub.ports.entitled(orgId, 'fences'));
    return [...branches.flatMap(watchedBranch), ...(isEntitled ? own.map((row) => row.toWatched()) : [])];
  }

  /** Counts the change in the caller's transaction. */
  private async changed(orgId: string): Promise<void> {
    await this.hub.sequelize.query(
      'INSERT INTO fence_marks (org_id, n) VALUES (:orgId, 1) ON DUPLICATE KEY UPDATE n = n + 1',
      { replacements: { orgId } },
    );
    this.hub.afterCommit(() => {
      this.distrust();
      this.hub.pokes.poke(POKE);
    });
  }
}

const hasFence = [{ fenceRadiusM: { [Op.not]: null } }, { fenceCorners: { [Op.not]: null } }];
const orgOf = (stream: string): string => stream.slice(0, stream.indexOf(':'));

function watchedBranch({ id, name, fence }: BranchModel): WatchedFence[] {
  if (!fence) return [];
  const shape = shapeOf(fence);
  return [
    {
      ...shape,
      id,
      isBranch: true,
      branchId: id,
      clientId: null,
      name,
      bufferM: usualBufferM(shape.radiusM),
      accMaxM: BRANCH_ACC_MAX_M,
      hours: null,
      speedLimitKmh: null,
      dwellMs: null,
    },
  ];
}
