import type { Meta } from '@loro/contracts/kit/live';
import type { PendingEvent } from './effects';

/** An event as it is stored: numbered within its stream's epoch. */
export interface LoggedEvent extends PendingEvent {
  readonly id: string;
  readonly day: number;
  readonly epoch: string;
  readonly n: number;
  readonly at: string;
}

/** Where a stream stands. */
export interface Head {
  readonly stream: string;
  readonly epoch: string;
  readonly n: number;
}

/** An event as it is sent. */
export type WireEvent = [name: string, data: unknown, meta: Meta];

/** A row of `stream_events`. */
export interface EventRow {
  readonly stream: string;
  readonly n: number;
  readonly id: string;
  readonly day: number;
  readonly namespace: string;
  readonly event: string;
  readonly data: string;
  readonly epoch: string;
  readonly at: Date;
  readonly cause: string | null;
  readonly trace: string | null;
}

/** Keys of an event's meta always stand in this order: the hot log compares events as text. */
export const metaOf = ({ stream, epoch, n, id, at, cause, trace }: Omit<LoggedEvent, 'namespace' | 'day'>): Meta => ({
  stream,
  epoch,
  n,
  id,
  at,
  ...(cause !== undefined && { cause }),
  ...(trace !== undefined && { trace }),
});

export const toWire = (event: LoggedEvent): WireEvent => [event.event, event.data, metaOf(event)];

export const toLogged = ({ data, at, cause, trace, ...row }: EventRow): LoggedEvent => ({
  ...row,
  data: JSON.parse(data),
  at: at.toISOString(),
  ...(cause !== null && { cause }),
  ...(trace !== null && { trace }),
});
