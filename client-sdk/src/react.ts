import type { DataOf, LiveContract, Meta } from '@loro/contracts/kit/live';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { type LoroError, toLoroError } from './errors';
import type { Fleet, FleetMember } from './modules/fleet';
import type { LiveClient, SubscribeOptions, Subscription } from './types';

/** How a followed stream does. */
export interface StreamState {
  /** It is followed, and events arrive. */
  readonly ready: boolean;
  /** Why it is over, or null. */
  readonly ended: string | null;
}

export interface StreamOptions<L extends LiveContract> extends Pick<
  SubscribeOptions,
  'after' | 'keepPosition' | 'onReset' | 'orgId'
> {
  /** A listener for each event of the stream; it may be a new function at every render. */
  readonly on: { readonly [Event in keyof L['events'] & string]?: (data: DataOf<L, Event>, meta: Meta) => void };
}

/**
 * Follows a stream while a component is shown. Without an `id` it waits.
 *
 * @example
 * const { ready } = useStream(hub.checkIns, 'branch', branchId, {
 *   after: streams[0], on: { 'check-in:started': (checkIn) => add(checkIn) }, onReset: reload,
 * });
 */
export function useStream<L extends LiveContract>(
  module: LiveClient<L>,
  kind: keyof L['streams'] & string,
  id: string | null | undefined,
  options: StreamOptions<L>,
): StreamState {
  const latest = useLatest(options);
  const [state, setState] = useState<StreamState>(NOT_READY);
  const events = Object.keys(options.on).toSorted().join(' ');
  useEffect(() => {
    setState(NOT_READY);
    if (id === null || id === undefined) return undefined;
    const { after, keepPosition = false, orgId } = latest.current.options;
    let subscription: Subscription | null = null;
    const stops = events
      .split(' ')
      .filter((event) => event !== '')
      .map((event) =>
        module.on(event, (data, meta) => {
          // Other components may follow other streams of the same kind.
          if (!subscription || meta.stream === subscription.stream) latest.current.options.on[event]?.(data, meta);
        }),
      );
    subscription = module.subscribe(kind, id, {
      after,
      keepPosition,
      ...(orgId !== undefined && { orgId }),
      onReset: () => latest.current.options.onReset?.(),
      onEnded: (code) => setState({ ready: false, ended: code }),
    });
    const followed = subscription;
    // A refusal is told by `onEnded`.
    followed.ready.then(() => followed.ended === null && setState({ ready: true, ended: null })).catch(() => {});
    return () => {
      for (const stop of stops) stop();
      followed.close();
    };
  }, [module, kind, id, events, latest]);
  return state;
}

const NOT_READY: StreamState = { ready: false, ended: null };

/** What `useFleet` shows. */
export interface FleetState {
  /** A new map whenever somebody moved or changed. */
  readonly members: ReadonlyMap<string, FleetMember>;
  readonly ready: boolean;
  readonly error: LoroError | null;
}

const EMPTY: FleetState = { members: new Map(), ready: false, error: null };

/**
 * Who belongs to some branches and where they are, while a component is shown. Renders at most once a frame.
 *
 * @example const { members } = useFleet(hub.tracking, branchIds);
 */
export function useFleet(
  tracking: { fleet(branchIds: readonly string[]): Fleet },
  branchIds: readonly string[],
): FleetState {
  const key = branchIds.join(' ');
  const store = useMemo(() => new FleetStore(tracking, key), [tracking, key]);
  return useSyncExternalStore(store.subscribe, store.read, store.read);
}

/** A fleet that lives as long as somebody looks, and is read as an immutable value. */
class FleetStore {
  #state: FleetState = EMPTY;
  readonly #tracking: { fleet(branchIds: readonly string[]): Fleet };
  readonly #branchIds: readonly string[];

  constructor(tracking: { fleet(branchIds: readonly string[]): Fleet }, key: string) {
    this.#tracking = tracking;
    this.#branchIds = key.split(' ').filter((id) => id !== '');
  }

  readonly read = (): FleetState => this.#state;

  readonly subscribe = (tell: () => void): (() => void) => {
    const fleet = this.#tracking.fleet(this.#branchIds);
    let isOver = false;
    let planned = false;
    const show = (change: Partial<FleetState>): void => {
      if (isOver) return;
      this.#state = { ...this.#state, members: new Map(fleet.members), ...change };
      tell();
    };
    const soon = (): void => {
      if (planned) return;
      planned = true;
      nextFrame(() => {
        planned = false;
        show({});
      });
    };
    const stops = [fleet.on('moved', soon), fleet.on('changed', soon)];
    fleet.ready.then(
      () => show({ ready: true }),
      (error: unknown) => show({ error: toLoroError(error) }),
    );
    return () => {
      isOver = true;
      for (const stop of stops) stop();
      fleet.close();
    };
  };
}

const nextFrame = (draw: () => void): void => {
  if (typeof requestAnimationFrame === 'function') requestAnimationFrame(draw);
  else setTimeout(draw, 16);
};

/** What `useCall` gives: the call, and how its last run did. */
export interface CallState<Input extends unknown[], Output> {
  /** Runs it; resolves to its answer, or to undefined when it failed, which `error` tells. */
  readonly run: (...input: Input) => Promise<Output | undefined>;
  readonly pending: boolean;
  readonly data: Output | undefined;
  readonly error: LoroError | null;
}

/**
 * Runs a call and renders how it does; an answer that was overtaken by a later run is not shown.
 *
 * @example const { run, pending, error } = useCall((position: Position) => hub.checkIns.start({ position }));
 */
export function useCall<Input extends unknown[], Output>(
  call: (...input: Input) => Promise<Output>,
): CallState<Input, Output> {
  const latest = useLatest(call);
  const turn = useRef(0);
  const [state, setState] = useState<Omit<CallState<Input, Output>, 'run'>>(IDLE);
  useEffect(
    () => () => {
      // Whoever comes back to the page does not want the answer of before.
      turn.current += 1;
    },
    [],
  );
  const run = useCallback(
    async (...input: Input): Promise<Output | undefined> => {
      const mine = ++turn.current;
      setState((before) => ({ ...before, pending: true, error: null }));
      try {
        const data = await latest.current.options(...input);
        if (mine === turn.current) setState({ pending: false, data, error: null });
        return data;
      } catch (error) {
        if (mine === turn.current) setState((before) => ({ ...before, pending: false, error: toLoroError(error) }));
        return undefined;
      }
    },
    [latest],
  );
  return { run, ...state };
}

const IDLE = { pending: false, data: undefined, error: null };

/** Always the newest value, without making effects run again. */
function useLatest<T>(options: T): { readonly current: { readonly options: T } } {
  const latest = useRef({ options });
  useEffect(() => {
    latest.current = { options };
  });
  return latest;
}
