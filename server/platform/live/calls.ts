import type { Permission } from '@loro/contracts/catalog';
import type { Call, Reply } from '@loro/contracts/kit/live';
import type { Problem } from '@loro/contracts/kit/problem';
import type { Logger } from 'pino';
import type { Socket } from 'socket.io';
import { ulid } from '../ulid';
import type { AuthPorts } from '../auth/ports';
import type { Commands } from '../commands';
import { HubError, Invalid, parse, TooMany, toProblem, Unavailable } from '../errors';
import { isTooDeep } from '../json';
import { type SharedLimits, SocketLimits } from './limits';
import { traced } from '../observe/trace';
import type { LiveNamespace } from './namespace';
import type { Session } from './session';

const COMMAND_ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Who calls: the socket and its session. */
export interface Caller {
  readonly session: Session;
  readonly socket: Socket;
}

/** A call as it was answered, for whoever keeps a log of them. */
export interface Told {
  readonly name: string;
  readonly status: number;
  readonly ms: number;
  readonly session: Session;
  readonly from: { readonly ip: string; readonly userAgent: string };
  readonly requestId: string;
  /** Of our side. */
  readonly error?: unknown;
}

interface Answered {
  readonly data: unknown;
  readonly replayed: boolean;
}
type Handler = (caller: Caller, input: unknown, commandId: string | undefined) => Promise<Answered>;
type SendReply = (reply: Reply<unknown>) => void;
type AnswerHot = (name: string, args: unknown[], reply: SendReply) => void;

export interface CallsOptions {
  readonly commands: Commands;
  readonly ports: AuthPorts;
  readonly limits: SharedLimits;
  readonly log: Logger;
  readonly count: (call: string, outcome: string) => void;
  /** Is told of each call once it was answered, but not of hot ones and of the protocol’s own: those are counted. */
  readonly tell: (call: Told) => void;
  /** Whether ended sessions and changed rights were not read for so long that nobody may write on their account. */
  readonly isAuthStale: () => boolean;
  /** A client that goes on calling whatever it is told. */
  readonly onAbuse: (session: Session) => void;
}

/** The calls of one namespace, shared by all of its sockets. */
export class NamespaceCalls {
  /** Frequent and idempotent by nature: no stored answer, a token bucket of their own. */
  readonly hot = new Set<string>();
  /** What rooms declare and nobody calls all day. */
  private readonly told = new Set<string>();
  private readonly handlers = new Map<string, Handler>();
  private readonly hotVerbs = new Map<string, (session: Session, raw: unknown) => Promise<unknown>>();

  constructor(
    parts: readonly LiveNamespace[],
    private readonly options: CallsOptions,
  ) {
    for (const part of parts)
      for (const [name, row] of Object.entries(part.contract.calls)) {
        if (part.hot.has(name)) this.hot.add(name);
        else this.told.add(name);
        this.handlers.set(name, this.handlerOf(part, name, row));
      }
  }

  /** A call of the protocol itself, which no room declares. */
  add(name: string, handler: (caller: Caller, input: unknown) => Promise<unknown>): void {
    this.handlers.set(name, async (caller, input) => ({ data: await handler(caller, input), replayed: false }));
  }

  /** Takes every packet of the socket, before Socket.IO looks for listeners. */
  listen(caller: Caller): { answerHot: AnswerHot } {
    const limits = new SocketLimits();
    caller.socket.use((packet: unknown[]) => {
      const [name, ...args] = packet;
      const last = args.at(-1);
      const reply = typeof last === 'function' ? (last as SendReply) : undefined;
      void this.answer(caller, limits, String(name), reply ? args.slice(0, -1) : args, reply);
    });
    return { answerHot: (name, args, reply) => this.answerHot(caller, limits, name, args, reply) };
  }

  /** The same for a hot call, with one promise in place of six: each costs as much as looking at a fix does. */
  private answerHot(caller: Caller, limits: SocketLimits, name: string, args: unknown[], reply: SendReply): void {
    const verb = this.hotVerbs.get(name);
    // Whoever wants a trace of a call gets it, by the longer way.
    if (!verb || args.length > 1) return void this.answer(caller, limits, name, args, reply);
    try {
      const waitMs = limits.take(true, performance.now());
      if (waitMs > 0) throw new TooMany(waitMs);
      verb(caller.session, args[0]).then(
        (data) => {
          this.options.count(name, 'ok');
          reply({ ok: true, data });
        },
        (error: unknown) => this.refuse(caller, limits, name, error, reply),
      );
    } catch (error) {
      this.refuse(caller, limits, name, error, reply);
    }
  }

  /** Whatever arrives, the answer is an ack or silence. */
  private async answer(caller: Caller, limits: SocketLimits, name: string, args: unknown[], reply?: SendReply) {
    const began = performance.now();
    try {
      const { data, replayed } = await this.run(caller, limits, name, args);
      this.options.count(name, 'ok');
      reply?.(replayed ? { ok: true, data, replayed } : { ok: true, data });
      this.tell(caller, name, began, { status: 200, requestId: ulid() });
    } catch (error) {
      const { status, requestId, code } = this.refuse(caller, limits, name, error, reply);
      const told = { status, requestId, ...(code === 'INTERNAL' && { error }) };
      this.tell(caller, name, began, told);
    }
  }

  private tell(
    { session, socket }: Caller,
    name: string,
    began: number,
    told: Pick<Told, 'status' | 'requestId' | 'error'>,
  ): void {
    if (!this.told.has(name)) return;
    this.options.tell({ ...told, name, session, from: fromOf(socket), ms: performance.now() - began });
  }

  private refuse({ session }: Caller, limits: SocketLimits, name: string, error: unknown, reply?: SendReply): Problem {
    const { count, log, onAbuse } = this.options;
    const requestId = ulid();
    const problem = toProblem(error, name.slice(0, 80), requestId);
    // Names that are not ours would let a client make metrics without end.
    count(this.handlers.has(name) ? name : 'unknown', problem.code);
    if (problem.code === 'INTERNAL') log.error({ err: error, requestId, call: name }, 'call failed');
    reply?.({ ok: false, error: problem });
    if (error instanceof TooMany && !this.hot.has(name) && limits.refuse(performance.now())) onAbuse(session);
    return problem;
  }

  private async run(
    caller: Caller,
    limits: SocketLimits,
    name: string,
    [input, options]: unknown[],
  ): Promise<Answered> {
    const now = performance.now();
    const isHot = this.hot.has(name);
    // Taken for unknown calls too: they cost an answer.
    const waitMs = limits.take(isHot, now) || (isHot ? 0 : this.options.limits.takeCall(caller.session.actor, now));
    if (waitMs > 0) throw new TooMany(waitMs);
    const handler = this.handlers.get(name);
    if (!handler) throw new HubError('UNKNOWN_CALL', 'There is no such call in this namespace.');
    // A hot call's schema takes nothing nested but what its room judges piece by piece.
    if (!isHot && isTooDeep(input)) throw new Invalid('MALFORMED_JSON', 'The input is nested more than 32 deep.');
    const parent = traceparentOf(options);
    const work = () => handler(caller, input, commandIdOf(options));
    // Phones call all day: a trace of their own is made only of what asks for it.
    if (isHot && parent === undefined) return work();
    const asked = { requestId: ulid(), ...fromOf(caller.socket), actor: caller.session.actor };
    return traced({ name: `call ${name}`, kind: 'call', parent, caller: asked }, work);
  }

  private handlerOf(part: LiveNamespace, name: string, row: Call): Handler {
    const verb = part.calls[name];
    if (!verb) throw new Error(`${part.contract.namespace} ${name} has no handler`);
    const { ports, commands, isAuthStale } = this.options;
    // The boot has checked that the permission is registered.
    const permission = 'permission' in row.access ? (row.access.permission as Permission) : undefined;
    const admit = ({ actor, token }: Session): void | Promise<void> => {
      if (isAuthStale())
        throw new Unavailable('DEPENDENCY_DOWN', 'Rights cannot be checked at the moment.', { retryAfterMs: 1_000 });
      if (permission !== undefined) return ports.admit(actor, token, row.demands, permission);
    };
    const run = ({ actor }: Session, raw: unknown) => verb(actor, parse(row.input, raw), { commandId: undefined });
    const isHot = part.hot.has(name);
    if (isHot)
      this.hotVerbs.set(name, (session, raw) => {
        const asking = admit(session);
        return asking ? asking.then(() => run(session, raw)) : run(session, raw);
      });
    return async ({ session }, raw, commandId) => {
      await admit(session);
      if (commandId === undefined || isHot) return { data: await run(session, raw), replayed: false };
      const input = parse(row.input, raw);
      const { actor } = session;
      return commands.once({ actor, id: commandId, input }, () => verb(actor, input, { commandId }));
    };
  }
}

const fromOf = ({ handshake: { address, headers } }: Socket): Told['from'] => ({
  ip: address,
  userAgent: (headers['user-agent'] ?? '').slice(0, 200),
});

const traceparentOf = (options: unknown): unknown =>
  typeof options === 'object' && options !== null && 'traceparent' in options ? options.traceparent : undefined;

function commandIdOf(options: unknown): string | undefined {
  if (typeof options !== 'object' || options === null || !('id' in options)) return undefined;
  if (typeof options.id !== 'string' || !COMMAND_ID.test(options.id))
    throw new Invalid('VALIDATION_FAILED', 'The command id is not a ULID.', {
      errors: [{ path: 'id', code: 'invalid_format', message: 'is not a ULID' }],
    });
  return options.id;
}
