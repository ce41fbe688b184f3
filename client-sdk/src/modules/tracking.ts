import type { FixesTaken } from '@loro/contracts/tracking';
import { trackingBase } from '../entries/tracking';
import { isPassing, toLoroError } from '../errors';
import type { Core, ModuleFactory } from '../module';
import { sleep } from '../transport/timing';
import { type CheckInQueue, CheckInSender, type DeviceSigner } from './check-in-queue';
import { CHECK_INS_KEY } from './check-in-values';
import { FieldClock, type SteadyClock } from './clocks';
import { type Fleet, LiveFleet, type TrackingLive } from './fleet';
import { type Batch, FixRecorder, type Pace, type Recorder, type RecorderOptions } from './recorder';
import { FieldTracker, type Tracker, type TrackerOptions } from './tracker';

/** What an app knows of its device and gives before anything is recorded. */
export interface DeviceOptions {
  /** A clock that counts from the phone’s own start; that of the page or process by default. */
  readonly steadyClock?: SteadyClock;
  /** The key of a device that is enrolled for check-ins. */
  readonly signer?: DeviceSigner;
}

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
  /**
   * Records where this device is, as often as the hub, the movement and the battery ask for.
   *
   * @example
   * const tracker = hub.tracking.tracker({ storage: indexedDbFixes('fixes') });
   * tracker.start();
   */
  tracker(options?: TrackerOptions): Tracker;
  /** Check-ins that are recorded without a connection; they are handed in before the fixes. */
  readonly checkIns: CheckInQueue;
  /** Compares the clocks of device and hub, so that what is recorded offline has its right time. */
  readonly clock: FieldClock;
  /** Says what this device is, before the first check-in or tracker. */
  useDevice(device: DeviceOptions): void;
}

/** How long a socket may be away before fixes go over HTTP. */
const SOCKET_GRACE_MS = 5_000;
const DEVICE_KEY = 'loro:device';
const BACKGROUND = 'BACKGROUND';

function helpersOf(core: Core, client: TrackingLive): TrackingHelpers {
  const { rest, link, log, storage, onClose } = core;
  const recorders = new Set<FixRecorder>();
  const trackers = new Set<Tracker>();
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

  const isBackground = (): boolean => link.status.reason === BACKGROUND;
  let awaySince: number | null = null;
  async function send(batch: Batch): Promise<FixesTaken> {
    awaySince ??= Date.now();
    // An app in the background has left the socket on purpose.
    while (!channel().ready && !isBackground() && Date.now() - awaySince < SOCKET_GRACE_MS) await sleep(100);
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

  let own: DeviceOptions = {};
  let clock: FieldClock | undefined;
  let checkIns: CheckInSender | undefined;
  /** What an earlier start left. */
  let hadCheckIns: string | null | Promise<string | null> | undefined;
  const theClock = (): FieldClock => (clock ??= new FieldClock(core, own.steadyClock, own.signer?.deviceId));
  const theCheckIns = (): CheckInSender => (checkIns ??= new CheckInSender(core, theClock(), own.signer));

  /** What was recorded says whether one was on duty, which decides what becomes of the fixes. */
  async function checkInsFirst(): Promise<void> {
    try {
      hadCheckIns ??= storage.get(CHECK_INS_KEY);
      if (!checkIns && (await hadCheckIns) === null) return;
      await theCheckIns().flush();
    } catch (error) {
      const problem = toLoroError(error);
      // Whoever may not check in may report all the same.
      if (isPassing(problem) || problem.status === 401) throw problem;
    }
  }

  onClose(async () => {
    for (const tracker of trackers) tracker.stop();
    clock?.stop();
    await Promise.all([...recorders].map((recorder) => recorder.close()));
  });
  function recorderOf(options: RecorderOptions = {}): Recorder {
    // A storage keeps its own; without one the device must still be the same at the next start.
    const keeper = options.storage ? {} : { keepDevice: device };
    const onClosed = (): void => void recorders.delete(recorder);
    const all = { ...keeper, ...options, onClosed, isBackground, before: checkInsFirst };
    const recorder: FixRecorder = new FixRecorder(send, all, log);
    recorders.add(recorder);
    hearPaces();
    return recorder;
  }

  return {
    fleet: (branchIds) => new LiveFleet(client, branchIds),
    recorder: recorderOf,
    tracker: (options = {}) => {
      const { recorder = recorderOf({ boot: theClock().boot, ...options }) } = options;
      const tracker = new FieldTracker(recorder, theClock(), options);
      trackers.add(tracker);
      return tracker;
    },
    get checkIns() {
      return theCheckIns();
    },
    get clock() {
      return theClock();
    },
    useDevice: (given) => {
      if (clock) throw new Error('the device was used already');
      own = given;
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
    // Not spread: two of the helpers are made when they are first asked for.
    return Object.defineProperties(client, Object.getOwnPropertyDescriptors(helpersOf(core, client))) as typeof client &
      TrackingHelpers;
  },
  { table: trackingBase.table },
);
