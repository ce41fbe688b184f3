export type { Actor, Reach } from './actor';
export { allow, API_KEY_PREFIX, may, reachOf } from './auth/ports';
export type { AccessToken, Seen } from './auth/ports';
export { onDuplicate, type Page, pageOf, tendMonthPartitions } from './db';
export {
  Conflict,
  fieldErrors,
  Forbidden,
  HubError,
  Invalid,
  NotFound,
  TooMany,
  Unauthenticated,
  Unavailable,
} from './errors';
export { type Feed, type PublicRequest, routes } from './http/routes';
export type { ReceivedFile } from './http/uploads';
export { defineModule, type Hub, type HubModule } from './hub';
export { handle, type JobHandler } from './jobs/handle';
export { namespace, ownStream } from './live/namespace';
export { canonicalJson } from './json';
export { causedBy, origin, traced } from './observe/trace';
export type { After, PendingEvent } from './outbox/effects';
export type { JournalNote, Json } from './outbox/journal-note';
export { type Caller, context } from './context';
export type { Answered, Failed, Witness } from './observe/witness';
export type { WireEvent } from './outbox/stream-log';
export { distanceM, EARTH_RADIUS_M, Odometer } from './geo';
export { variablesOf } from './config';
export { isAddressIn } from './http/addresses';
export { grouped } from './grouped';
export { Remembered } from './remembered';
export { ulid, ulidInOrder } from './ulid';
export { addDays, dateIn, localDates, nextDate, startOfDay, wallTime, weekdayOf } from './local-day';
export { type Column, csvCell, csvLine, exportFeed, type ExportFormat, zipOf } from './exports';
export { AzureStore, digest, FileMissing, type FileStore, LocalStore, probeStore, S3Store } from './files';
