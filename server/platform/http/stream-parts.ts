import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '../actor';
import { HubError } from '../errors';
import type { FoundStream } from '../live/directory';
import type { Head, StreamLog, WireEvent } from '../outbox/stream-log';
import { type Offset, padded, parseOffset, type Position, printOffset } from './stream-offset';
import type { StreamTail } from './stream-tail';

/** What one answer carries, and where the next one begins. */
export interface Part {
  readonly events: readonly WireEvent[];
  readonly from: string;
  readonly next: string;
  readonly isUpToDate: boolean;
}

/** A stream as something that is read part by part. */
export interface StreamParts {
  /** An offset to end at, without reading. */
  tail(): Promise<string>;
  read(offset: string | undefined): Promise<Part>;
  /** Resolves when there may be something after `offset`, after `ms`, or when the signal says so. */
  wait(offset: string, ms: number, signal: AbortSignal): Promise<void>;
}

const GONE = {
  epoch: 'The stream began anew since this offset was given out.',
  ahead: 'The stream lost its newest events since this offset was given out.',
  trimmed: 'Events after this offset are not kept any more.',
};

/** A stream of class `log`. */
export class LogParts implements StreamParts {
  constructor(
    private readonly stream: string,
    private readonly log: StreamLog,
    private readonly waiting: StreamTail,
  ) {}

  async tail(): Promise<string> {
    return printOffset(await this.log.head(this.stream));
  }

  /** @throws HubError OFFSET_GONE where the events after the offset cannot be had */
  async read(offset: string | undefined): Promise<Part> {
    const from = await this.positionOf(parseOffset(offset));
    const { head, recovered, reason, events, more } = await this.log.resume(this.stream, from);
    if (!recovered) throw new HubError('OFFSET_GONE', GONE[reason ?? 'epoch']);
    const next = { epoch: head.epoch, n: events.at(-1)?.[2].n ?? from.n };
    return { events, from: printOffset(from), next: printOffset(next), isUpToDate: !more };
  }

  async wait(offset: string, ms: number, signal: AbortSignal): Promise<void> {
    const position = await this.positionOf(parseOffset(offset));
    await this.waiting.wait({ stream: this.stream, ...position }, ms, signal);
  }

  private async positionOf(offset: Offset): Promise<Position> {
    if (offset !== 'start' && offset !== 'end') return offset;
    const head: Head = await this.log.head(this.stream);
    return { epoch: head.epoch, n: offset === 'end' ? head.n : await this.log.beforeFirst(head) };
  }
}

const LATEST_EVERY_MS = 1_000;
const LATEST = /^latest_(\d{1,16})$/;

/** A stream of class `latest`: it has no past, so an offset is only the instant of the newest value that was read. */
export class LatestParts implements StreamParts {
  constructor(
    private readonly actor: Actor,
    private readonly stream: FoundStream,
  ) {}

  async tail(): Promise<string> {
    return offsetOf(await this.values());
  }

  async read(offset: string | undefined): Promise<Part> {
    const values = await this.values();
    const seen = Number(LATEST.exec(offset ?? '')?.[1] ?? 0);
    const events = offset === 'now' ? [] : values.filter((value) => atOf(value) > seen);
    const next = values.length > 0 ? offsetOf(values) : `latest_${padded(seen)}`;
    return { events, from: offset ?? '-1', next, isUpToDate: true };
  }

  async wait(_offset: string, ms: number, signal: AbortSignal): Promise<void> {
    await sleep(Math.min(ms, LATEST_EVERY_MS), undefined, { signal }).catch(() => {});
  }

  private async values(): Promise<WireEvent[]> {
    return (await this.stream.source.latest?.(this.actor, this.stream.id)) ?? [];
  }
}

const atOf = ([, , { at }]: WireEvent): number => Date.parse(at);
const offsetOf = (values: readonly WireEvent[]): string =>
  `latest_${padded(values.reduce((newest, value) => Math.max(newest, atOf(value)), 0))}`;
