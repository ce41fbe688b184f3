export { type Credentials } from './auth/auth';
export { localStore, memoryStore, type SessionStore, type StoredSession } from './auth/stores';
export { LoroError, type LocalCode, type LoroErrorCode } from './errors';
export { type HubAuth } from './auth/sessions';
export { type HubBase, type Lifecycle } from './core';
export { createLoroHub, type LoroHub, type LoroHubOptions } from './hub';
export { memoryFixes, type FixStorage, type StoredFix } from './modules/fix-storage';
export { type Fleet, type FleetMember, type FleetPosition } from './modules/fleet';
export { indexedDbFixes } from './modules/indexed-db';
export { indexedDbStorage } from './storage/indexed-db';
export { type Pace, type Reading, type Recorder, type RecorderOptions, type RejectedFix } from './modules/recorder';
export { type CheckInQueue, type DeviceSigner } from './modules/check-in-queue';
export { type CheckInOutcome, type OfflineCheckIn, type QueuedCheckIn } from './modules/check-in-values';
export { type ClockPair, type FieldClock, type Moment, type SteadyClock } from './modules/clocks';
export { type SamplingPlan, type TrackingMode } from './modules/sampler';
export { type FixSource, type RawReading, type Tracker, type TrackerOptions } from './modules/tracker';
export { type DeviceOptions, type TrackingHelpers } from './modules/tracking';
export { type Command, type CommandOutcome, type PendingCommand, type StoredCommand } from './outbox/commands';
export { type Outbox, type OutboxOptions } from './outbox/outbox';
export { type Contracts } from './tables';
export { type Status } from './transport/status';
export {
  type CallOptions,
  type KeyValueStore,
  type ListenOptions,
  type LiveClient,
  type Log,
  type ModuleClient,
  type Pager,
  type RestClient,
  type SubscribeOptions,
  type Subscription,
} from './types';
export { ulid } from './ulid';
