import type { ModuleTable } from './names';
import { localError, toLoroError } from './errors';
import type { Channel } from './transport/channel';
import type { Follower, Subscriber } from './transport/follower';
import type { Link } from './transport/link';
import type { Rest } from './transport/rest';
import type { CallOptions, KeyValueStore, Log, SubscribeOptions, Subscription } from './types';
import { ulid } from './ulid';

/** What the modules of one hub share. */
export interface Core {
  readonly rest: Rest;
  readonly link: Link;
  /** The id of the organisation that is signed in. */
  readonly organisation: () => Promise<string>;
  readonly storage: KeyValueStore;
  readonly log: Log;
}

type Input = Readonly<Record<string, unknown>>;

/** Makes a module's client from its table; `ModuleClient` gives it its types. */
export function moduleClient({ rest, link, organisation }: Core, table: ModuleTable): object {
  const { prefix = '', endpoints = {}, live } = table;
  const methods = Object.fromEntries(
    Object.entries(endpoints).map(([name, row]) => [
      name,
      (input?: Input, options?: CallOptions) => rest.call(prefix, row, input, options),
    ]),
  );

  async function* pages(name: string, input: Input = {}): AsyncGenerator<unknown, void, undefined> {
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const page = await methods[name]?.({ ...input, ...(cursor !== undefined && { cursor }) });
      cursor = nextCursorOf(page);
      yield page;
    }
  }
  if (!live) return { ...methods, pages };

  const { namespace } = live;
  return {
    ...methods,
    pages,
    call: (name: string, input: unknown, { id = ulid() }: { id?: string } = {}) =>
      link.channel(namespace).call(name, input, id),
    on: (...args: Parameters<Channel['on']>) => link.channel(namespace).on(...args),
    subscribe: (kind: string, id: string, options: SubscribeOptions = {}) =>
      new StreamSubscription(link.channel(namespace), kind, id, options, organisation),
  };
}

function nextCursorOf(page: unknown): string | null {
  // Every list of the contracts answers with a page.
  const { nextCursor } = (page as { page: { nextCursor: string | null } }).page;
  return nextCursor;
}

/** What `subscribe` returns: waits for the organisation's id, then follows. */
class StreamSubscription implements Subscription {
  stream = '';
  ended: string | null = null;
  readonly ready: Promise<void>;
  private follower: Follower | null = null;
  private readonly subscriber: Subscriber;
  private settle: { resolve: () => void; reject: (error: Error) => void } = { resolve: () => {}, reject: () => {} };

  constructor(
    private readonly channel: Channel,
    kind: string,
    id: string,
    private readonly options: SubscribeOptions,
    organisation: () => Promise<string>,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // Whoever does not wait for it hears of the end by `onEnded`; it must not become an unhandled rejection.
    this.ready.catch(() => {});
    this.subscriber = {
      onReady: () => this.settle.resolve(),
      onReset: () => options.onReset?.(),
      onEnded: (code) => this.end(code),
    };
    if (options.orgId !== undefined) this.follow(`${options.orgId}:${kind}:${id}`);
    else
      organisation()
        .then((orgId) => this.follow(`${orgId}:${kind}:${id}`))
        .catch((error: unknown) => this.end(toLoroError(error).code));
  }

  get position(): { readonly epoch: string; readonly n: number } | null {
    return this.follower?.known ? this.follower.position : null;
  }

  close(): void {
    if (this.ended !== null) return;
    this.ended = 'CLOSED';
    if (this.follower) this.channel.streams.leave(this.follower, this.subscriber);
    this.settle.reject(localError('CLOSED', 'The subscription was closed.'));
  }

  private follow(stream: string): void {
    if (this.ended !== null) return;
    this.stream = stream;
    this.follower = this.channel.streams.follow(stream, this.options.after, this.subscriber);
  }

  private end(code: string): void {
    if (this.ended !== null) return;
    this.ended = code;
    this.settle.reject(localError(code, `The stream has ended: ${code}.`));
    this.options.onEnded?.(code);
  }
}
