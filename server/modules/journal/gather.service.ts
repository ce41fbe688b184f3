import { type Answered, canonicalJson, type Failed, type Hub, type Witness } from '../../platform';
import { HUB_JOURNAL } from './draft.policy';
import { type ErrorFact, errorFactOf } from './error.policy';
import { bucketOf, type Histogram } from './histogram.policy';
import type { MeasureStore } from './measure.store';
import type { OperationLine, OperationStore } from './operation.store';
import type { RecorderService } from './recorder.service';
import { agentFamily, truncatedIp } from './source.policy';

const FLUSH_MS = 1_000;
/** A node that cannot write its log keeps this much, and counts what it let go. */
const MOST_LINES = 20_000;
const AT_ONCE = 2_000;

/**
 * Gathers what is told of every request, error and job, beside the path of the request, and writes it once a second:
 * lines in one statement, errors by fingerprint, times by the minute.
 */
export class GatherService implements Witness {
  private lines: OperationLine[] = [];
  private dropped = 0;
  private denied: Answered[] = [];
  private errors = new Map<string, ErrorFact>();
  private times = new Map<string, Histogram>();
  private minute: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> = Promise.resolve();

  constructor(
    private readonly hub: Hub,
    private readonly by: {
      readonly operations: OperationStore;
      readonly measures: MeasureStore;
      readonly recorder: RecorderService;
    },
  ) {}

  start(): void {
    let due = performance.now() + FLUSH_MS;
    this.timer = setInterval(() => {
      const now = performance.now();
      this.measure(HUB_JOURNAL, 'event-loop-delay', Math.max(0, now - due));
      due = now + FLUSH_MS;
      void this.flush();
    }, FLUSH_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.flush(true);
  }

  answered(answer: Answered): void {
    const { method, route, status, ms, caller } = answer;
    const orgId = caller.actor?.orgId ?? HUB_JOURNAL;
    this.measure(orgId, `route:${method} ${route}`, ms);
    if (status === 403 && caller.actor) this.denied.push(answer);
    this.add({ orgId, kind: 'access_log', at: this.hub.now(), text: accessText(answer) });
  }

  failed({ error, place, caller }: Failed): void {
    const orgId = caller?.actor?.orgId ?? HUB_JOURNAL;
    const at = this.hub.now();
    const fact = errorFactOf(error, { orgId, place, at });
    const known = this.errors.get(`${orgId}:${fact.fingerprint}`);
    this.errors.set(`${orgId}:${fact.fingerprint}`, known ? { ...known, count: known.count + 1, lastAt: at } : fact);
    const { name, fingerprint } = fact;
    const requestId = caller?.requestId;
    const text = canonicalJson({ at: at.toISOString(), fingerprint, name, place, requestId });
    this.add({ orgId, kind: 'error_log', at, text });
  }

  ran(job: string, ms: number): void {
    this.measure(HUB_JOURNAL, `job:${job}`, ms);
  }

  private measure(orgId: string, name: string, ms: number): void {
    const key = `${orgId} ${name.slice(0, 160)}`;
    const histogram = this.times.get(key) ?? new Map<number, number>();
    const bucket = bucketOf(ms);
    histogram.set(bucket, (histogram.get(bucket) ?? 0) + 1);
    this.times.set(key, histogram);
  }

  /** Writes what was gathered; one flush at a time. */
  flush(isLast = false): Promise<void> {
    this.flushing = this.flushing
      .then(() => this.write(isLast))
      .catch((error: unknown) => this.hub.log.warn({ err: error }, 'the log of requests could not be written'));
    return this.flushing;
  }

  private add(line: OperationLine): void {
    if (this.lines.length < MOST_LINES) this.lines.push(line);
    else this.dropped += 1;
  }

  private async write(isLast: boolean): Promise<void> {
    await this.writeLines();
    const errors = [...this.errors.values()];
    this.errors = new Map();
    await this.by.measures.addErrors(errors);
    await this.writeDenied();
    const minute = Math.floor(this.hub.now().getTime() / 60_000);
    // A minute of one node is one row, written when it is over.
    const over = (this.minute ??= minute);
    if (minute === over && !isLast) return;
    this.minute = minute;
    const times = this.times;
    this.times = new Map();
    await this.by.measures.addTimes(over, times);
  }

  private async writeLines(): Promise<void> {
    const lines = this.lines.slice(0, AT_ONCE);
    if (this.dropped > 0) {
      const at = this.hub.now();
      const text = canonicalJson({ at: at.toISOString(), dropped: this.dropped, node: this.hub.config.NODE_NAME });
      lines.push({ orgId: HUB_JOURNAL, kind: 'access_log', at, text });
    }
    if (lines.length === 0) return;
    await this.by.operations.add(lines);
    this.dropped = 0;
    this.lines = this.lines.slice(AT_ONCE);
  }

  /** What somebody was denied has no transaction of its own to be told in. */
  private async writeDenied(): Promise<void> {
    const denied = this.denied.splice(0);
    for (const { method, route, caller } of denied)
      await this.hub.transact(() =>
        this.by.recorder.record(
          [
            {
              type: 'security_event',
              action: 'request.denied',
              outcome: 'denied',
              severity: 'notice',
              branchId: caller.actor?.homeBranchId ?? null,
              data: { method, route },
            },
          ],
          caller,
        ),
      );
  }
}

/** Canonical JSON: its keys stand in their order here already. */
function accessText({ method, route, status, ms, bytes, caller }: Answered): string {
  const { actor, requestId, ip, userAgent } = caller;
  return JSON.stringify({
    actorId: actor?.userId,
    agent: agentFamily(userAgent),
    bytes,
    ip: truncatedIp(ip),
    method,
    ms: Math.round(ms),
    requestId,
    route,
    status,
  });
}
