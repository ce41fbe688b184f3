import type { z } from 'zod';
import { accessContract } from './access';
import { accountSafetyContract } from './account-safety';
import { activityContract } from './activity';
import { attendanceContract } from './attendance';
import { authContract } from './auth';
import { impersonationsContract } from './auth-impersonation';
import { branchesContract } from './branches';
import { checkInsContract } from './check-ins';
import { dutyContract } from './check-ins-duty';
import { locationPrivacyContract } from './check-ins-privacy';
import { checkInSetupContract } from './check-ins-setup';
import { configurationContract } from './configuration';
import { documentsContract } from './documents';
import { flagsContract } from './flags';
import { hubContract } from './hub';
import { integrationsContract } from './integrations';
import { journalContract } from './journal';
import type { Contract } from './kit/contract';
import { commonErrors, type ErrorDefinition } from './kit/problem';
import type { SettingDefinition } from './kit/settings';
import { leaveContract } from './leave';
import { licensingContract } from './licensing';
import { mailContract } from './mail';
import { peopleContract } from './people';
import { platformContract } from './platform';
import { presenceContract } from './presence';
import { reportsContract } from './reports';
import { storageTargetsContract } from './storage-targets';
import { streamsContract } from './streams';
import { ticketsContract } from './tickets';
import { trackingContract } from './tracking';
import { webhooksContract } from './webhooks';

/** Every room's contract, by name; `npm run new:module` adds its line. */
const rooms = [
  accessContract,
  accountSafetyContract,
  activityContract,
  attendanceContract,
  authContract,
  branchesContract,
  checkInSetupContract,
  checkInsContract,
  configurationContract,
  documentsContract,
  dutyContract,
  flagsContract,
  hubContract,
  impersonationsContract,
  integrationsContract,
  journalContract,
  leaveContract,
  licensingContract,
  locationPrivacyContract,
  mailContract,
  peopleContract,
  platformContract,
  presenceContract,
  reportsContract,
  storageTargetsContract,
  streamsContract,
  ticketsContract,
  trackingContract,
  webhooksContract,
] as const;

export const catalog: readonly Contract[] = rooms;

type Errors<C> = C extends { readonly errors: infer E } ? keyof E : never;
/** Every error code that the hub may answer with. */
export type ErrorCode = keyof typeof commonErrors | Errors<(typeof rooms)[number]>;

type Permissions<C> = C extends { readonly permissions: infer P } ? keyof P : never;
export type Permission = Permissions<(typeof rooms)[number]>;

type SettingsOf<C> = C extends { readonly settings: infer S } ? S : never;
type Settings = SettingsOf<(typeof rooms)[number]>;
/** Every setting that a room declares. */
export type SettingKey = Settings extends infer S ? (S extends unknown ? keyof S : never) : never;
type DefinitionOf<K> = Settings extends infer S ? (S extends Record<K & PropertyKey, infer D> ? D : never) : never;
/** What a setting holds. */
export type SettingValue<K extends SettingKey> =
  DefinitionOf<K> extends SettingDefinition<infer S> ? z.output<S> : never;

export const settingRegistry: Readonly<Record<string, SettingDefinition>> = Object.assign(
  {},
  ...rooms.map((room) => ('settings' in room ? room.settings : {})),
);

export const errorRegistry: Readonly<Record<string, ErrorDefinition>> = Object.assign(
  {},
  commonErrors,
  ...rooms.map((room) => ('errors' in room ? room.errors : {})),
);
