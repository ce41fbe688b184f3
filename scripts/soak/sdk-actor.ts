import {
  createLoroHub,
  LoroError,
  type LoroHub,
  type Recorder,
  type StoredSession,
  type Subscription,
} from '@loro/client';
import type { CheckIn } from '@loro/contracts/check-ins';
import type { Meta } from '@loro/contracts/kit/live';
import { ulid } from 'ulid';
import { type Actor, type Command, Refusal, type ReportWish, streamsOf, type Way } from './actor';
import { Inbox } from './inbox';
import type { Line } from './line';
import type { Person } from './world';

/** A client that uses our SDK and believes everything it says. */
export class SdkActor implements Actor {
  readonly kind = 'sdk';
  readonly inbox = new Inbox();
  readonly streams: readonly string[];
  progress = 0;
  private readonly hub: LoroHub;
  private subscriptions: Subscription[] = [];
  private wasLive = false;

  constructor(
    readonly name: string,
    readonly person: Person,
    readonly line: Line,
  ) {
    this.streams = Object.values(streamsOf(person));
    let session: StoredSession | null = person.session;
    this.hub = createLoroHub({
      url: line.url,
      session: {
        load: () => session,
        save: (next) => {
          session = next;
        },
      },
    });
  }

  async open(): Promise<void> {
    const { hub, person, inbox } = this;
    hub.onStatus(({ state }) => {
      if (state === 'live' && !this.wasLive) inbox.up(this.line.outages.at(-1)?.to);
      if (state !== 'live' && this.wasLive) inbox.down();
      this.wasLive = state === 'live';
    });
    hub.auth.onChange(({ signedIn, reason }) => {
      if (!signedIn) inbox.losses.push(`the session ended: ${reason ?? 'without a reason'}`);
    });
    const take = (_data: unknown, { stream, n, id }: Meta): void => inbox.take(stream, n ?? 0, id ?? '');
    for (const event of ['check-in:started', 'check-in:ended'] as const) hub.checkIns.on(event, take);
    for (const event of ['geofence:entered', 'geofence:exited', 'trackable:lost', 'trackable:found'] as const)
      hub.tracking.on(event, take);
    for (const event of ['report:requested', 'report:finished', 'report:failed'] as const) hub.reports.on(event, take);
    hub.reports.on('report:progressed', () => (this.progress += 1));

    await hub.auth.resume();
    const options = (stream: string) => ({
      orgId: person.orgId,
      onReset: () => inbox.losses.push(`${stream}: told to load its snapshot again`),
      onEnded: (code: string) => inbox.losses.push(`${stream}: ended with ${code}`),
    });
    this.subscriptions = [
      hub.checkIns.subscribe('branch', person.branchId, options('branch')),
      hub.tracking.subscribe('yard', person.branchId, options('yard')),
      hub.reports.subscribe('requests', person.userId, options('requests')),
    ];
    await Promise.all(this.subscriptions.map(({ ready }) => ready));
  }

  send(command: Command, id: string, way: Way): Promise<CheckIn> {
    return refusing(() => {
      const { checkIns } = this.hub;
      if (command.name === 'check-in:start')
        return way === 'socket'
          ? checkIns.call(command.name, command.input, { id })
          : checkIns.start(command.input, { idempotencyKey: id });
      return way === 'socket'
        ? checkIns.call(command.name, command.input, { id })
        : checkIns.end(command.input, { idempotencyKey: id });
    });
  }

  requestReport(params: ReportWish, id: string): Promise<string> {
    return refusing(async () => {
      const run = await this.hub.reports.request({ kind: 'tracking.daily-distance', params }, { idempotencyKey: id });
      return run.id;
    });
  }

  /** A phone of this person, with a device of its own. */
  recorder(): Recorder {
    return this.hub.tracking.recorder({ device: ulid(), intervalMs: 500 });
  }

  /** Where it stands, for whoever looks for a missing event. */
  standing(): string {
    const positions = this.subscriptions.map(
      ({ stream, position, ended }) => `${stream.split(':')[1]} ${ended ?? position?.n ?? 'unknown'}`,
    );
    return `${this.hub.status.state}${this.hub.status.reason === undefined ? '' : ` (${this.hub.status.reason})`}; ${positions.join(', ')}`;
  }

  async close(): Promise<void> {
    this.inbox.losses.push = () => 0;
    await this.hub.close();
  }
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LoroError)) throw error;
    throw new Refusal(error.code, error.status, error.retryAfterMs, error.message);
  }
}
