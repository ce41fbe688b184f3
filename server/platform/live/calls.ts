import type { Permission } from '@loro/contracts/catalog';
import type { Reply } from '@loro/contracts/kit/live';
import type { Socket } from 'socket.io';
import { ulid } from 'ulid';
import type { Commands } from '../commands';
import { allow } from '../auth/ports';
import { HubError, Invalid, parse, TooMany, toProblem } from '../errors';
import { isTooDeep } from '../json';
import type { Logger } from 'pino';
import { CALLS_BURST, CALLS_PER_SECOND, HOT_BURST, HOT_PER_SECOND, TokenBucket } from './limits';
import type { LiveNamespace } from './namespace';
import type { Session } from './session';

const COMMAND_ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

type Handler = (input: unknown, commandId: string | undefined) => Promise<{ data: unknown; replayed: boolean }>;

/** Runs a socket's calls: limit, permission, input, verb, ack. Whatever arrives, the answer is an ack or silence. */
export class SocketCalls {
  private readonly bucket: TokenBucket;
  private readonly hotBucket: TokenBucket;
  private readonly handlers = new Map<string, Handler>();
  private readonly hot = new Set<string>();

  constructor(
    private readonly session: Session,
    private readonly options: {
      readonly parts: readonly LiveNamespace[];
      readonly commands: Commands;
      readonly log: Logger;
      readonly count: (call: string, outcome: string) => void;
    },
  ) {
    this.bucket = new TokenBucket(CALLS_PER_SECOND, CALLS_BURST, performance.now());
    this.hotBucket = new TokenBucket(HOT_PER_SECOND, HOT_BURST, performance.now());
    for (const part of options.parts)
      for (const name of Object.keys(part.contract.calls)) {
        this.handlers.set(name, this.handlerOf(part, name));
        if (part.hot.has(name)) this.hot.add(name);
      }
  }

  add(name: string, handler: (input: unknown) => Promise<unknown>): void {
    this.handlers.set(name, async (input) => ({ data: await handler(input), replayed: false }));
  }

  /** Takes every packet of the socket, before Socket.IO looks for listeners. */
  listen(socket: Socket): void {
    socket.use((packet: unknown[]) => {
      const [name, ...args] = packet;
      const last = args.at(-1);
      const reply = typeof last === 'function' ? (last as (reply: Reply<unknown>) => void) : undefined;
      void this.answer(String(name), reply ? args.slice(0, -1) : args, reply);
    });
  }

  private async answer(name: string, args: unknown[], reply: ((reply: Reply<unknown>) => void) | undefined) {
    const requestId = ulid();
    try {
      const { data, replayed } = await this.run(name, args);
      this.options.count(name, 'ok');
      reply?.({ ok: true, data, ...(replayed && { replayed }) });
    } catch (error) {
      const problem = toProblem(error, name.slice(0, 80), requestId);
      // Names that are not ours would let a client make metrics without end.
      this.options.count(this.handlers.has(name) ? name : 'unknown', problem.code);
      if (problem.code === 'INTERNAL') this.options.log.error({ err: error, requestId, call: name }, 'call failed');
      reply?.({ ok: false, error: problem });
    }
  }

  private async run(name: string, [input, options]: unknown[]): Promise<{ data: unknown; replayed: boolean }> {
    const handler = this.handlers.get(name);
    if (!handler) throw new HubError('UNKNOWN_CALL', 'There is no such call in this namespace.');
    const bucket = this.hot.has(name) ? this.hotBucket : this.bucket;
    const waitMs = bucket.take(performance.now());
    if (waitMs > 0) throw new TooMany(waitMs);
    if (isTooDeep(input)) throw new Invalid('MALFORMED_JSON', 'The input is nested more than 32 deep.');
    return handler(input, commandIdOf(options));
  }

  private handlerOf(part: LiveNamespace, name: string): Handler {
    const row = part.contract.calls[name];
    const verb = part.calls[name];
    if (!row || !verb) throw new Error(`${part.contract.namespace} ${name} has no handler`);
    return async (raw, commandId) => {
      const { actor } = this.session;
      // The boot has checked that the permission is registered.
      if ('permission' in row.access) allow(actor, row.access.permission as Permission);
      const input = parse(row.input, raw);
      const work = () => verb(actor, input, { commandId });
      if (commandId === undefined || part.hot.has(name)) return { data: await work(), replayed: false };
      return this.options.commands.once({ actor, id: commandId, input }, work);
    };
  }
}

function commandIdOf(options: unknown): string | undefined {
  if (typeof options !== 'object' || options === null || !('id' in options)) return undefined;
  if (typeof options.id !== 'string' || !COMMAND_ID.test(options.id))
    throw new Invalid('VALIDATION_FAILED', 'The command id is not a ULID.', {
      errors: [{ path: 'id', code: 'invalid_format', message: 'is not a ULID' }],
    });
  return options.id;
}
