export type { Actor, Reach } from './actor';
export { allow, reachOf } from './auth/ports';
export type { AccessToken } from './auth/ports';
export { onDuplicate, type Page, pageOf, tendMonthPartitions } from './db';
export {
  Conflict,
  fieldErrors,
  Forbidden,
  HubError,
  NotFound,
  TooMany,
  Unauthenticated,
  Unavailable,
} from './errors';
export { type PublicRequest, routes } from './http/routes';
export { defineModule, type Hub, type HubModule } from './hub';
export { handle, type JobHandler } from './jobs/handle';
export { namespace } from './live/namespace';
export type { After } from './outbox/effects';
export type { WireEvent } from './outbox/stream-log';
export { distanceM, Odometer } from './geo';
export { localDates, nextDate, startOfDay } from './local-day';
