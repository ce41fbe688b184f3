import type { FixesTaken } from '@loro/contracts/tracking';
import { trackingBase } from '../entries/tracking';
import type { Core, ModuleFactory } from '../module';
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

function helpersOf(core: Core, client: TrackingLive): TrackingHelpers {
  const { rest, link, log, storage, onClose } = core;
  const recorders = new Set<FixRecorder>();
  const row = trackingBase.table?.endpoints?.['report'];
  const namespace = trackingBase.table?.live?.namespace;
  const prefix = trackingBase.table?.prefix;
  if (!row || namespace === undefined || prefix === undefined)
    throw new Error('the table of tracking lacks its report');
  const channel = link.channel.bind(link, namespace);

  const overHttp = (batch: Batch): Promise<unknown> =>
    // A repeated fix is free by its own number; a key would only cost the hub a row.
    rest.call(prefix, row, { ...batch }, { idempotencyKey: null });

  link.onStatus(({ state }) => {
    if (state === 'live') for (const recorder of recorders) recorder.nudge();
  });
  let hearsPaces = false;
  /** The hub paces its phones between their reports too. */
  function hearPaces(): void {
    if (hearsPaces) return;
    hearsPaces = true;
    channel().on('flow:pace', (pace) => {
      for (const recorder of recorders) recorder.takePace(pace as Pace);
    });
  }

  let awaySince: number | null = null;
  async function send(batch: Batch): Promise<FixesTaken> {
    awaySince ??= Date.now();
    while (!channel().ready && Date.now() - awaySince < SOCKET_GRACE_MS) await sleep(100);
    const answer = await (channel().ready ? channel().call('fix:report', batch) : overHttp(batch));
    if (channel().ready) awaySince = null;
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

  onClose(async () => {
    await Promise.all([...recorders].map((recorder) => recorder.close()));
  });
  return {
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
  };
}

/**
 * The tracking module: its endpoints, calls and events, the fleet and the recorder.
 *
 * @example
 * const hub = createHub({ url, modules: { tracking } });
 */
export const tracking: ModuleFactory<ReturnType<typeof trackingBase> & TrackingHelpers> = Object.assign(
  (core: Core) => {
    const client = trackingBase(core);
    return { ...client, ...helpersOf(core, client) };
  },
  { table: trackingBase.table },
);
