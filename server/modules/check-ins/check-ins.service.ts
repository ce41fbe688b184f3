import { type CheckIn, checkInsLive, type EndCheckIn, type StartCheckIn } from '@loro/contracts/check-ins';
import type { StreamPosition } from '@loro/contracts/kit/api';
import { streamName } from '@loro/contracts/kit/live';
import type { CheckInState, CheckInType, Reading } from '@loro/contracts/check-ins-values';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  NotFound,
  type Page,
  pageOf,
  reachOf,
  ulid,
} from '../../platform';
import { branches } from '../branches';
import { people } from '../people';
import type { CheckInRow } from './check-in.row';
import { CheckInsStore } from './check-ins.store';
import type { Mark } from './mark.store';
import type { RecordingService } from './recording.service';
import { type StayPlaces, UNSAID } from './stay-places';

interface CheckInQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly branchId?: string | undefined;
  readonly userId?: string | undefined;
  readonly open?: boolean | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly type?: CheckInType | undefined;
  readonly status?: CheckInState | undefined;
}

interface Parts {
  readonly recording: RecordingService;
  readonly places: StayPlaces;
}

/** Stays as dashboards and phones know them: checked in here, checked out there. */
export class CheckInsService {
  private readonly store: CheckInsStore;

  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {
    this.store = new CheckInsStore(hub);
  }

  /** Opens a check-in. A person has at most one open at a time. */
  async start(actor: Actor, { position, branchId, note }: z.output<typeof StartCheckIn>): Promise<CheckIn> {
    const said: { checkIn?: CheckIn } = {};
    const input = { clientId: ulid(this.hub.now().getTime()), type: 'field-work', kind: 'in', branchId, note } as const;
    await this.parts.recording
      .take(
        actor,
        { ...input, position: readingOf(position) },
        {
          isPaced: false,
          say: async (mark, after) => {
            said.checkIn = await this.tell('check-in:started', actor, mark, after);
          },
        },
      )
      .catch(inOldWords('ALREADY_CHECKED_IN', () => new Conflict('CHECK_IN_OPEN', 'You are already checked in.')));
    return said.checkIn ?? neverSaid();
  }

  /** Closes one's own open check-in. */
  async end(actor: Actor, checkInId: string, { position }: z.output<typeof EndCheckIn>): Promise<CheckIn> {
    const { orgId, userId } = actor;
    const row = await this.store.within(orgId, checkInId);
    if (row?.userId !== userId) throw new NotFound('This check-in');
    allow(actor, 'check-ins.create', { userId });
    if (row.endedAt) throw ended();
    const said: { checkIn?: CheckIn } = {};
    const input = {
      clientId: ulid(this.hub.now().getTime()),
      kind: 'out',
      pairId: checkInId,
      branchId: row.branchId,
    } as const;
    await this.parts.recording
      .take(
        actor,
        { ...input, type: row.type, position: readingOf(position) },
        {
          isPaced: false,
          say: async (mark, after) => {
            said.checkIn = await this.tell('check-in:ended', actor, { ...mark, id: checkInId }, after);
          },
        },
      )
      .catch(inOldWords('NOT_CHECKED_IN', ended));
    return said.checkIn ?? neverSaid();
  }

  async get(actor: Actor, checkInId: string): Promise<CheckIn> {
    const row = await this.store.byId(actor.orgId, checkInId);
    if (!row) throw new NotFound('This check-in');
    const { userId, branchId } = row;
    allow(actor, 'check-ins.read', { userId, branchId, what: 'This check-in' });
    const names = await this.hub.use(people).namesOf(actor.orgId, [userId]);
    return this.parts.places.present(row, names.get(userId) ?? '', actor);
  }

  /** A page, and where the branch's stream stood at that very moment: subscribing from there leaves no window. */
  async list(actor: Actor, query: CheckInQuery): Promise<Page<CheckIn> & { streams: StreamPosition[] }> {
    const { scope, branchIds } = reachOf(actor, 'check-ins.read');
    const { orgId } = actor;
    const { limit, cursor, from, to, ...asked } = query;
    const [before] = this.hub.cursors.decode('check-ins', cursor) ?? [];
    const filter = {
      orgId,
      branchId: asked.branchId,
      userId: asked.userId,
      open: asked.open,
      type: asked.type,
      status: asked.status,
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
      before: before?.toString(),
      visible: scope === 'org' ? null : { userId: actor.userId, branchIds: [...branchIds] },
    };
    const watched = asked.branchId ?? actor.homeBranchId;
    const stream = watched === null ? null : streamName(orgId, 'branch', watched);
    const { items, streams } = await this.store.newest(filter, limit + 1, stream, async (rows) => {
      const names = await this.hub.use(people).namesOf(orgId, [...new Set(rows.map(({ userId }) => userId))]);
      return (row: CheckInRow) => this.parts.places.present(row, names.get(row.userId) ?? '', actor);
    });
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

  /** Others hear of the city at most, where the organisation promised so. */
  private async tell(
    event: 'check-in:started' | 'check-in:ended',
    actor: Actor,
    { orgId, id, status }: Mark,
    after: After,
  ): Promise<CheckIn> {
    const row = await this.store.within(orgId, id);
    // What was rejected opened and closed nothing.
    if (!row) throw new Conflict('CHECK_IN_STATE', `This check-in is ${status}.`);
    const [own, told] = await Promise.all([
      this.parts.places.present(row, actor.name, actor),
      this.parts.places.present(row, actor.name, null),
    ]);
    after.publish(checkInsLive, event, { orgId, id: row.branchId }, told);
    return own;
  }
}

function readingOf({ accuracy, ...place }: z.output<typeof StartCheckIn>['position']): Reading {
  return accuracy === undefined ? { ...place, accuracy: 0, provider: UNSAID } : { ...place, accuracy };
}

const ended = () => new Conflict('CHECK_IN_ENDED', 'You have already checked out.');

const inOldWords =
  (code: string, old: () => Conflict) =>
  (error: unknown): never => {
    throw error instanceof Conflict && error.code === code ? old() : error;
  };

function neverSaid(): never {
  throw new Error('a check-in was kept and nobody told of it');
}
