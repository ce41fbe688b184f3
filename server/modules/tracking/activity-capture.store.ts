import { Transaction } from 'sequelize';
import { type Answered, context, type Hub, type PendingEvent, Remembered, ulid } from '../../platform';
import { configuration } from '../configuration';
import { AnswerSums } from './activity-answers';
import { capturedOf, featureOf, isVisit } from './activity-capture.policy';
import type { ActivityStore, NewActivity } from './activity-events.store';
import type { ActivityFeed } from './activity-feed.service';
import { type ActivityTally, counted, gathered } from './activity-tally';
import type { Point } from './metric-points.store';

const FLUSH_MS = 500;
/** A node whose database is away keeps so much, and counts what it let go. */
const MOST = 20_000;
/** Reading something again within this time is the same use of it. */
const USED_FOR_MS = 10 * 60_000;
const MOST_USED = 100_000;

interface Uses {
  readonly store: ActivityStore;
  readonly tally: ActivityTally;
  readonly feed: ActivityFeed;
}

interface Draft {
  readonly event: NewActivity;
  /** Of the request it came from, if any. */
  readonly requestId: string | null;
}

/**
 * Keeps what people do in every room, beside the path of their calls: events are overheard as they are published and
 * written a moment later, many at once. What is lost when a node dies is that moment.
 */
export class ActivityCapture {
  private drafts: Draft[] = [];
  private points: Point[] = [];
  private readonly answers = new AnswerSums();
  private answered = new Set<string>();
  private dropped = 0;
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> = Promise.resolve();
  private readonly used: Remembered<true>;

  constructor(
    private readonly hub: Hub,
    private readonly by: Uses,
  ) {
    this.used = new Remembered(USED_FOR_MS, MOST_USED, hub.now);
  }

  start(): void {
    this.hub.onEvents(async (events) => this.overhear(events));
    this.hub.onAnswered((answer) => this.hear(answer));
    this.timer = setInterval(() => void this.flush(), FLUSH_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** Writes what was heard; one after another. */
  flush(): Promise<void> {
    this.flushing = this.flushing
      .then(() => this.write())
      .catch((error: unknown) => this.hub.log.warn({ err: error }, 'activity could not be written'));
    return this.flushing;
  }

  /** Inside the transaction that publishes, so nothing here may wait: what is taken back was never done. */
  private overhear(events: readonly PendingEvent[]): void {
    const { drafts, visits } = this.draftsOf(events);
    if (drafts.length === 0) return;
    const keep = () => {
      this.add(drafts);
      this.points.push(...visits);
    };
    const transaction = context().cls?.get('transaction');
    if (transaction instanceof Transaction) transaction.afterCommit(keep);
    else keep();
  }

  private draftsOf(events: readonly PendingEvent[]): { drafts: Draft[]; visits: Point[] } {
    const { caller } = context();
    const at = this.hub.now();
    const drafts = new Map<string, Draft>();
    const visits = new Map<string, Point>();
    for (const { event, stream, data } of events) {
      const captured = capturedOf({ event, stream, data });
      const orgId = stream.split(':')[0] ?? '';
      if (!captured) continue;
      // Somebody who keeps the hub acts on another organisation, and is nobody there.
      const actor = caller?.actor?.orgId === orgId ? caller.actor : undefined;
      const { verb, objectType, objectId, userId } = captured;
      const branchId = captured.branchId ?? actor?.homeBranchId ?? null;
      // One thing that was done is told on several streams.
      drafts.set(`${orgId} ${verb} ${objectType} ${objectId ?? ''}`, {
        requestId: caller?.requestId ?? null,
        event: {
          orgId,
          id: ulid(at.getTime()),
          at,
          actorId: actor?.userId ?? null,
          branchId,
          verb,
          objectType,
          objectId,
          sessionId: actor?.sessionId ?? null,
          source: 'job',
          props: {},
        },
      });
      const visitor = userId ?? actor?.userId;
      if (visitor !== undefined && isVisit(captured, data))
        visits.set(
          `${orgId} ${objectId ?? ''}`,
          counted(orgId, 'work.visits', at, { ...(branchId !== null && { branchId }), userId: visitor }),
        );
    }
    return { drafts: [...drafts.values()], visits: [...visits.values()] };
  }

  private hear({ method, route, status, ms, caller }: Answered): void {
    const { actor } = caller;
    const feature = featureOf(route);
    if (!actor || feature === null) return;
    const { orgId } = actor;
    const at = this.hub.now();
    this.answered.add(caller.requestId);
    this.answers.add({ status, ms }, orgId, feature, at);
    if (status >= 400) return;
    const isRead = method === 'GET' || method === 'HEAD';
    const use = `${orgId} ${actor.userId} ${feature}`;
    if (isRead && this.used.get(use)) return;
    this.used.set(use, true);
    const event: NewActivity = {
      orgId,
      id: ulid(at.getTime()),
      at,
      actorId: actor.userId,
      branchId: actor.homeBranchId,
      verb: isRead ? 'used' : 'called',
      objectType: feature,
      objectId: isRead ? null : `${method} ${route.replace('/api/v1', '')}`.slice(0, 100),
      sessionId: actor.sessionId,
      source: 'api',
      props: {},
    };
    this.add([{ event, requestId: null }]);
  }

  private add(drafts: readonly Draft[]): void {
    if (this.drafts.length + drafts.length > MOST) this.dropped += drafts.length;
    else this.drafts.push(...drafts);
  }

  private async write(): Promise<void> {
    const { drafts, answered, dropped } = this;
    const points = [...this.points, ...this.answers.take()];
    this.drafts = [];
    this.points = [];
    this.answered = new Set();
    this.dropped = 0;
    if (dropped > 0) this.hub.log.warn({ dropped }, 'activity was let go because it could not be written');
    if (drafts.length === 0 && points.length === 0) return;
    const kept = await this.keptOf([...drafts.map(({ event }) => event.orgId), ...points.map(({ orgId }) => orgId)]);
    const events = drafts.flatMap((draft) => (kept.has(draft.event.orgId) ? [sourced(draft, answered)] : []));
    const measured = gathered(points.filter(({ orgId }) => kept.has(orgId)));
    await this.hub.transact(async () => {
      await this.by.store.add(events);
      await this.by.tally.count(events, measured);
    });
    this.by.feed.tell(events);
  }

  /** The organisations whose plan holds it and who want it. */
  private async keptOf(orgIds: readonly string[]): Promise<Set<string>> {
    const kept = new Set<string>();
    for (const orgId of new Set(orgIds)) {
      const isWanted = await this.hub.use(configuration).value('activity.capture', { orgId });
      if (isWanted && (await this.hub.ports.entitled(orgId, 'tracking'))) kept.add(orgId);
    }
    return kept;
  }
}

/** What a request did came by REST, if that request was answered; by a socket otherwise; without either, by a job. */
function sourced({ event, requestId }: Draft, answered: ReadonlySet<string>): NewActivity {
  if (requestId === null) return event;
  return { ...event, source: answered.has(requestId) ? 'api' : 'socket' };
}
