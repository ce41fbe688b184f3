import type { InputOf, OutputOf, StreamPosition } from '@loro/contracts/kit/api';
import type { CallInput, CallOutput, DataOf, LiveContract, Meta } from '@loro/contracts/kit/live';

/** What may go with a REST call beside its input. */
export interface CallOptions {
  /** POST only. Made by default; give your own to repeat a call of an earlier start; null sends none. */
  readonly idempotencyKey?: string | null;
  /** The `version` that you read, for PATCH and DELETE of versioned things. */
  readonly ifMatch?: number | string;
  readonly signal?: AbortSignal;
}

export interface SubscribeOptions {
  /** Where your snapshot stood: `streams` of a list. Without it the stream starts at its head. */
  readonly after?: StreamPosition | { readonly epoch: string; readonly n: number } | undefined;
  /**
   * Remembers in the hub's `storage` how far the events were delivered, and goes on there at the next start where no
   * `after` is given. An event is delivered again when the app ends right after it.
   */
  readonly keepPosition?: boolean;
  /** Events are missing and cannot be had: load your snapshot again. */
  readonly onReset?: () => void;
  /** The hub closed the stream: the permission is gone, or the thing is. */
  readonly onEnded?: (code: string) => void;
  /** Defaults to the organisation that is signed in. */
  readonly orgId?: string;
}

/** A stream that is being followed; its events reach the `on` listeners of its module. */
export interface Subscription {
  /** Its full name; empty until the organisation is known, at the latest when `ready` resolves. */
  readonly stream: string;
  /** Resolves when the stream is followed for the first time; rejects with a LoroError when it is refused. */
  readonly ready: Promise<void>;
  /** The last event that was delivered; null for `latest` streams and before `ready`. */
  readonly position: { readonly epoch: string; readonly n: number } | null;
  /** Why it is over, or null while it is followed. */
  readonly ended: string | null;
  close(): void;
}

// An endpoint without any field has the input `unknown`.
type RestMethod<E> =
  unknown extends InputOf<E>
    ? (input?: Readonly<Record<string, never>>, options?: CallOptions) => Promise<OutputOf<E>>
    : object extends InputOf<E>
      ? (input?: InputOf<E>, options?: CallOptions) => Promise<OutputOf<E>>
      : (input: InputOf<E>, options?: CallOptions) => Promise<OutputOf<E>>;

type EndpointsOf<C> = C extends { readonly api: { readonly endpoints: infer E } } ? E : object;

type ListNames<E> = { [K in keyof E]: E[K] extends { readonly kind: 'list' } ? K : never }[keyof E];
type PageInput<E> = Omit<InputOf<E>, 'cursor'>;

/** A method for every REST endpoint of a contract. */
export type RestClient<C> = { readonly [K in keyof EndpointsOf<C>]: RestMethod<EndpointsOf<C>[K]> };

export interface Pager<E> {
  /** Walks a list to its end, a page at a time. */
  pages<K extends ListNames<E>>(
    name: K,
    ...input: object extends PageInput<E[K]> ? [input?: PageInput<E[K]>] : [input: PageInput<E[K]>]
  ): AsyncGenerator<OutputOf<E[K]>, void, undefined>;
}

export interface ListenOptions {
  /** False leaves out events that this client caused by a call of its own, whose answer it has already. */
  readonly echoes?: boolean;
}

export interface LiveClient<L extends LiveContract> {
  /** Never there: it lets a function that is given the client infer its contract. */
  readonly '~contract'?: L;
  /** Calls over the socket; `id` (a ULID, made by default) makes a repeat harmless. */
  call<K extends keyof L['calls'] & string>(
    name: K,
    input: CallInput<L, K>,
    options?: { readonly id?: string },
  ): Promise<CallOutput<L, K>>;
  /** Listens to an event of every followed stream; returns the way to stop. */
  on<K extends keyof L['events'] & string>(
    event: K,
    listener: (data: DataOf<L, K>, meta: Meta) => void,
    options?: ListenOptions,
  ): () => void;
  subscribe(kind: keyof L['streams'] & string, id: string, options?: SubscribeOptions): Subscription;
}

type LiveOf<C> = C extends { readonly live: infer L extends LiveContract } ? LiveClient<L> : unknown;
type PagerOf<C> = [ListNames<EndpointsOf<C>>] extends [never] ? unknown : Pager<EndpointsOf<C>>;

/** The client of one module: its REST endpoints, its pages and, where it has a namespace, its calls and events. */
export type ModuleClient<C> = RestClient<C> & PagerOf<C> & LiveOf<C>;

/** Small values that outlive a start of the app. */
export interface KeyValueStore {
  get(key: string): string | null | Promise<string | null>;
  set(key: string, value: string): void | Promise<void>;
}

/** Told what the SDK does; nothing of it holds a token or a position. */
export type Log = (level: 'debug' | 'warn', message: string, details?: Readonly<Record<string, unknown>>) => void;
