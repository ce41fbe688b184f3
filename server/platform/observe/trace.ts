import { randomBytes } from 'node:crypto';
import {
  type Attributes,
  context as spans,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { type Caller, context, within } from '../context';

/** What the running code goes back to. */
export interface Origin {
  /** Id of the call: its `Idempotency-Key` or its socket command's id. */
  readonly cause?: string;
  /** W3C `traceparent`. */
  readonly trace?: string;
}

/** Where the running code comes from, as a plain object to be spread; empty for what the hub does by itself. */
export function origin(): Origin {
  const { cause, trace: traceparent } = context();
  return { ...(cause !== undefined && { cause }), ...(traceparent && { trace: traceparent() }) };
}

/** Runs `work` as what the call with this id made; without an id, as what it is now. */
export const causedBy = <T>(cause: string | undefined, work: () => Promise<T>): Promise<T> =>
  cause === undefined ? work() : within({ cause }, work);

interface Work {
  readonly name: string;
  readonly kind: 'request' | 'call' | 'job';
  /** `traceparent` that came along. One that is malformed counts as none. */
  readonly parent?: unknown;
  readonly attributes?: Attributes;
  /** Who asked for it. */
  readonly caller?: Caller;
}

const SPAN_KINDS = { request: SpanKind.SERVER, call: SpanKind.SERVER, job: SpanKind.CONSUMER };
const TRACEPARENT = /^(?!ff)[\da-f]{2}-((?!0{32})[\da-f]{32})-((?!0{16})[\da-f]{16})-([\da-f]{2})(?:$|-)/;
const tracer = trace.getTracer('loro-hub');

/**
 * Runs `work` as one span of the trace that came along, or of a new one. Without a registered OpenTelemetry SDK there
 * is no span, and only the `traceparent` travels on.
 * @example await traced({ name: 'job shop.settle-order', kind: 'job', parent: row.trace }, () => handler.run(payload))
 */
export function traced<T>(
  { name, kind, parent, attributes = {}, caller }: Work,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const came = parseTraceparent(parent);
  const above = came ? trace.setSpanContext(ROOT_CONTEXT, came) : spans.active();
  return tracer.startActiveSpan(name, { kind: SPAN_KINDS[kind], attributes }, above, (span) =>
    within({ trace: lazily(() => traceparentOf(span.spanContext())), ...(caller && { caller }) }, async () => {
      try {
        return await work(span);
      } catch (error) {
        if (error instanceof Error) span.recordException(error);
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    }),
  );
}

/** Most of what runs under a span is told to nobody, so its `traceparent` is made when somebody asks. */
function lazily(make: () => string): () => string {
  let text: string | undefined;
  return () => (text ??= make());
}

function parseTraceparent(text: unknown): SpanContext | null {
  const [, traceId, spanId, flags] = (typeof text === 'string' && TRACEPARENT.exec(text)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

function traceparentOf(span: SpanContext): string {
  const isReal = isSpanContextValid(span);
  const traceId = isReal ? span.traceId : randomBytes(16).toString('hex');
  const spanId = isReal ? span.spanId : randomBytes(8).toString('hex');
  // One that no SDK made was not recorded, and nobody after us should believe that it was.
  return `00-${traceId}-${spanId}-0${isReal ? span.traceFlags & 1 : 0}`;
}
