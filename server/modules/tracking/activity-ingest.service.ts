import { type EventsTaken, NewActivityEvent } from '@loro/contracts/activity-events';
import type { FieldError } from '@loro/contracts/kit/problem';
import { type Actor, allow, fieldErrors, type Hub, may } from '../../platform';
import type { ActivityFeed } from './activity-feed.service';
import type { ActivityStore, NewActivity } from './activity-events.store';
import type { ActivityPlaces } from './activity-places';
import type { ActivityTally } from './activity-tally';
import { LATEST_MS } from './metric-points.store';

const AHEAD_MS = 2 * 60_000;

interface Uses {
  readonly store: ActivityStore;
  readonly places: ActivityPlaces;
  readonly feed: ActivityFeed;
  readonly tally: ActivityTally;
}

type Judged = { readonly event: NewActivity } | { readonly errors: FieldError[] };

/** Takes in what clients and integrations saw being done, each event judged by itself. */
export class ActivityIngest {
  constructor(
    private readonly hub: Hub,
    private readonly by: Uses,
  ) {}

  async take(actor: Actor, raw: readonly unknown[]): Promise<EventsTaken> {
    allow(actor, 'tracking.ingest');
    const { orgId } = actor;
    const events: NewActivity[] = [];
    const rejected: EventsTaken['rejected'] = [];
    for (const [index, one] of raw.entries()) {
      const judged = await this.judge(actor, one);
      if ('event' in judged) events.push(judged.event);
      else rejected.push({ index, id: idIn(one), errors: judged.errors });
    }
    const fresh = await this.hub.transact(async () => {
      const added = await this.by.store.addOnce(orgId, events);
      await this.by.tally.count(added);
      return added;
    });
    this.by.feed.tell(fresh);
    return { accepted: fresh.length, duplicates: events.length - fresh.length, rejected };
  }

  private async judge(actor: Actor, raw: unknown): Promise<Judged> {
    const parsed = NewActivityEvent.safeParse(raw);
    if (!parsed.success) return { errors: fieldErrors(parsed.error) };
    const { data } = parsed;
    const { orgId } = actor;
    const actorId = data.actorId ?? actor.userId;
    const age = this.hub.now().getTime() - Date.parse(data.at);
    if (age > LATEST_MS) return { errors: [{ path: 'at', code: 'too_late', message: 'is more than 72 hours ago' }] };
    if (age < -AHEAD_MS)
      return { errors: [{ path: 'at', code: 'in_future', message: 'is more than two minutes ahead' }] };
    const missing = (path: string): Judged => ({ errors: [{ path, code: 'NOT_FOUND', message: 'does not exist' }] });
    if (!(await this.by.places.hasUser(orgId, actorId))) return missing('actorId');
    if (data.branchId !== undefined && !(await this.by.places.hasBranch(orgId, data.branchId)))
      return missing('branchId');
    const branchId = data.branchId ?? (await this.by.places.homeOf(orgId, actorId));
    if (!may(actor, 'tracking.ingest', { userId: actorId, branchId })) return missing('actorId');
    return {
      event: {
        orgId,
        id: data.id,
        at: new Date(data.at),
        actorId,
        branchId,
        verb: data.verb,
        objectType: data.objectType,
        objectId: data.objectId ?? null,
        sessionId: data.sessionId ?? null,
        source: 'client',
        props: data.props,
      },
    };
  }
}

function idIn(raw: unknown): string | null {
  const id: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, 'id') : null;
  return typeof id === 'string' ? id.slice(0, 40) : null;
}
