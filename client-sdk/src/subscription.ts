import { localError, toLoroError } from './errors';
import type { Channel } from './transport/channel';
import type { Follower, Position, Subscriber } from './transport/follower';
import type { KeyValueStore, SubscribeOptions, Subscription } from './types';
import type { Who } from './who';

interface Surroundings {
  readonly channel: Channel;
  readonly who: Who;
  readonly storage: KeyValueStore;
}

/** Positions move with every event; storages need not. */
const KEEP_AFTER_MS = 250;

/** What `subscribe` returns: waits for the organisation's id, then follows. */
export class StreamSubscription implements Subscription {
  stream = '';
  ended: string | null = null;
  readonly ready: Promise<void>;
  #follower: Follower | null = null;
  #keeping: ReturnType<typeof setTimeout> | null = null;
  #settle: { resolve: () => void; reject: (error: Error) => void } = { resolve: () => {}, reject: () => {} };
  readonly #subscriber: Subscriber = {
    onReady: () => this.#settle.resolve(),
    onMoved: () => this.#keepSoon(),
    onReset: () => this.#options.onReset?.(),
    onEnded: (code) => this.#end(code),
  };

  readonly #around: Surroundings;
  readonly #options: SubscribeOptions;

  constructor(around: Surroundings, kind: string, id: string, options: SubscribeOptions) {
    this.#around = around;
    this.#options = options;
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever does not wait for it hears of the end by `onEnded`; it must not become an unhandled rejection.
    this.ready.catch(() => {});
    // Without waiting where nothing must be waited for: a page that subscribes and leaves at once is one turn.
    if (options.orgId !== undefined && !options.keepPosition)
      this.#follow(`${options.orgId}:${kind}:${id}`, options.after);
    else this.#begin(kind, id).catch((error: unknown) => this.#end(toLoroError(error).code));
  }

  get position(): Position | null {
    return this.#follower?.known ? this.#follower.position : null;
  }

  close(): void {
    if (this.ended !== null) return;
    this.ended = 'CLOSED';
    if (this.#keeping) this.#keep();
    if (this.#follower) this.#around.channel.streams.leave(this.#follower, this.#subscriber);
    this.#settle.reject(localError('CLOSED', 'The subscription was closed.'));
  }

  async #begin(kind: string, id: string): Promise<void> {
    const { orgId = (await this.#around.who.get()).orgId, keepPosition, after } = this.#options;
    const stream = `${orgId}:${kind}:${id}`;
    const kept = keepPosition && !after ? parsePosition(await this.#around.storage.get(keyOf(stream))) : undefined;
    this.#follow(stream, after ?? kept);
  }

  #follow(stream: string, after: Position | undefined): void {
    if (this.ended !== null) return;
    this.stream = stream;
    this.#follower = this.#around.channel.streams.follow(stream, after, this.#subscriber);
  }

  #keepSoon(): void {
    if (this.#options.keepPosition) this.#keeping ??= setTimeout(() => this.#keep(), KEEP_AFTER_MS);
  }

  #keep(): void {
    if (this.#keeping) clearTimeout(this.#keeping);
    this.#keeping = null;
    const follower = this.#follower;
    if (!follower?.position) return;
    const { epoch, n } = follower.position;
    void this.#around.storage.set(keyOf(this.stream), `${n} ${epoch}`);
  }

  #end(code: string): void {
    if (this.ended !== null) return;
    this.ended = code;
    this.#settle.reject(localError(code, `The stream has ended: ${code}.`));
    this.#options.onEnded?.(code);
  }
}

const keyOf = (stream: string): string => `loro:position:${stream}`;

function parsePosition(text: string | null): Position | undefined {
  const [n, epoch] = text?.split(' ') ?? [];
  return epoch === undefined || !Number.isInteger(Number(n)) ? undefined : { epoch, n: Number(n) };
}
