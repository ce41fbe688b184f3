import type { CheckIn } from '@loro/contracts/check-ins';
import { streamName } from '@loro/contracts/kit/live';
import type { Inbox } from './inbox';
import type { Line } from './line';
import type { Person } from './world';

type Position = { lat: number; lng: number };

export type Command =
  | { readonly name: 'check-in:start'; readonly input: { position: Position; note: string } }
  | { readonly name: 'check-in:end'; readonly input: { checkInId: string; position: Position } };

export type Way = 'socket' | 'http';

export interface ReportWish {
  readonly from: string;
  readonly to: string;
}

/** A client of the hub: what it hears it keeps in its inbox, and it can be told to do things. */
export interface Actor {
  readonly name: string;
  readonly kind: 'sdk' | 'plain';
  readonly person: Person;
  readonly line: Line;
  readonly inbox: Inbox;
  /** The `log` streams that it follows. */
  readonly streams: readonly string[];
  /** Progress of reports that it was told of. */
  progress: number;
  /** Connects and subscribes; resolves when every stream is followed. */
  open(): Promise<void>;
  /** One try, by one way. @throws Refusal */
  send(command: Command, id: string, way: Way): Promise<CheckIn>;
  /** One try. @returns the run's id @throws Refusal */
  requestReport(wish: ReportWish, id: string): Promise<string>;
  close(): Promise<void>;
}

/** What a client got instead of an answer; `status` is 0 where nobody answered. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly retryAfterMs: number | undefined,
    detail: string,
  ) {
    super(`${status} ${code}: ${detail}`);
  }

  /** The same try may go well later. 500 says that something is wrong, and is counted. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500 || this.code === 'IDEMPOTENCY_IN_PROGRESS';
  }
}

export const streamsOf = ({ orgId, branchId, userId }: Person) => ({
  branch: streamName(orgId, 'branch', branchId),
  yard: streamName(orgId, 'yard', branchId),
  requests: streamName(orgId, 'requests', userId),
});
