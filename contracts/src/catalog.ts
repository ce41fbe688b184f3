import { accessContract } from './access';
import { authContract } from './auth';
import { branchesContract } from './branches';
import { checkInsContract } from './check-ins';
import { documentsContract } from './documents';
import { hubContract } from './hub';
import { journalContract } from './journal';
import type { Contract } from './kit/contract';
import { commonErrors, type ErrorDefinition } from './kit/problem';
import { mailContract } from './mail';
import { peopleContract } from './people';
import { platformContract } from './platform';
import { presenceContract } from './presence';
import { reportsContract } from './reports';
import { streamsContract } from './streams';
import { ticketsContract } from './tickets';
import { trackingContract } from './tracking';

/** Every room's contract, by name; `npm run new:module` adds its line. */
const rooms = [
  accessContract,
  authContract,
  branchesContract,
  checkInsContract,
  documentsContract,
  hubContract,
  journalContract,
  mailContract,
  peopleContract,
  platformContract,
  presenceContract,
  reportsContract,
  streamsContract,
  ticketsContract,
  trackingContract,
] as const;

export const catalog: readonly Contract[] = rooms;

type Errors<C> = C extends { readonly errors: infer E } ? keyof E : never;
/** Every error code that the hub may answer with. */
export type ErrorCode = keyof typeof commonErrors | Errors<(typeof rooms)[number]>;

type Permissions<C> = C extends { readonly permissions: infer P } ? keyof P : never;
export type Permission = Permissions<(typeof rooms)[number]>;

export const errorRegistry: Readonly<Record<string, ErrorDefinition>> = Object.assign(
  {},
  commonErrors,
  ...rooms.map((room) => ('errors' in room ? room.errors : {})),
);
