import type { FixesTaken } from '@loro/contracts/tracking';
import type { Core } from '../module';
import { tables } from '../tables';
import { sleep } from '../transport/timing';
import { type Fleet, LiveFleet, type TrackingLive } from './fleet';
import { type Batch, FixRecorder, type Pace, type Recorder, type RecorderOptions } from './recorder';

/** What `hub.tracking` can beside its endpoints, calls and events. */
export interface TrackingHelpers {
  /**
   * Follows who belongs to some branches and where they are.
   *
   * @example
   * const fleet = hub.tracking.fleet([branchId]);
   * fleet.on('moved', (ids) => ids.forEach((id) => drawMarker(id, fleet.members.get(id)?.position)));
   */
  fleet(branchIds: readonly string[]): Fleet;
  /**
   * Reports this device's positions; nothing is lost on the way.
   *
   * @example
   * const recorder = hub.tracking.recorder({ storage: indexedDbFixes('fixes') });
   * navigator.geolocation.watchPosition(({ coords, timestamp }) =>
   *   recorder.report({
   *     at: new Date(timestamp).toISOString(), lat: coords.latitude, lng: coords.longitude, accuracy: coords.accuracy,
   *   }),
   * );
   */
  recorder(options?: RecorderOptions): Recorder;
}

/** How long a socket may be away before fixes go over HTTP. */
const SOCKET_GRACE_MS = 5_000;
const DEVICE_KEY = 'loro:device';

export function trackingHelpers(core: Core & { readonly client: TrackingLive }): {
  readonly methods: TrackingHelpers;
  readonly close: () => Promise<void>;
} {
  const { rest, link, client, log, storage } = core;
  const recorders = new Set<FixRecorder>();
  const row = tables.tracking.endpoints?.['report'];
  const namespace = tables.tracking.live?.namespace;
  if (!row || namespace === undefined) throw new Error('the table of tracking lacks its report');

  const overHttp = (batch: Batch): Promise<unknown> =>
    // A repeated fix is free by its own number; a key would only cost the hub a row.
    rest.call(tables.tracking.prefix ?? '', row, { ...batch }, { idempotencyKey: null });

  link.onStatus(({ state }) => {
    if (state === 'live') for (const recorder of recorders) recorder.nudge();
  });
  let hearsPaces = false;
  /** The hub paces its phones between their reports too. */
  function hearPaces(): void {
    if (hearsPaces) return;
    hearsPaces = true;
    link.channel(namespace ?? '').on('flow:pace', (pace) => {
      for (const recorder of recorders) recorder.takePace(pace as Pace);
    });
  }

  let awaySince: number | null = null;
  async function send(batch: Batch): Promise<FixesTaken> {
    const channel = link.channel(namespace ?? '');
    awaySince ??= Date.now();
    while (!channel.ready && Date.now() - awaySince < SOCKET_GRACE_MS) await sleep(100);
    const answer = await (channel.ready ? channel.call('fix:report', batch) : overHttp(batch));
    if (channel.ready) awaySince = null;
    // The shape is the contract's; the hub's own tests hold it to it.
    return answer as FixesTaken;
  }

  async function device(make: () => string): Promise<string> {
    const kept = await storage.get(DEVICE_KEY);
    if (kept !== null) return kept;
    const made = make();
    await storage.set(DEVICE_KEY, made);
    return made;
  }

  return {
    methods: {
      fleet: (branchIds) => new LiveFleet(client, branchIds),
      recorder: (options = {}) => {
        // A storage keeps its own; without one the device must still be the same at the next start.
        const keeper = options.storage ? {} : { keepDevice: device };
        const onClosed = (): void => void recorders.delete(recorder);
        const recorder: FixRecorder = new FixRecorder(send, { ...keeper, ...options, onClosed }, log);
        recorders.add(recorder);
        hearPaces();
        return recorder;
      },
    },
    close: async () => {
      await Promise.all([...recorders].map((recorder) => recorder.close()));
    },
  };
}
