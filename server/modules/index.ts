import type { HubModule } from '../platform';
import { access } from './access';
import { attendance, leave } from './attendance';
import { accountSafety, auth, impersonations } from './auth';
import { branches } from './branches';
import { checkIns, checkInSetup, duty, locationPrivacy } from './check-ins';
import { configuration, flags, integrations, storageTargets, webhooks } from './configuration';
import { documents } from './documents';
import { journal } from './journal';
import { licensing } from './licensing';
import { people } from './people';
import { reports } from './reports';
import { activity, tracking } from './tracking';

/** Every room, lowest floor first (`floors.json`). */
export const modules: readonly HubModule[] = [
  people,
  configuration,
  flags,
  integrations,
  storageTargets,
  webhooks,
  licensing,
  branches,
  access,
  auth,
  accountSafety,
  impersonations,
  journal,
  documents,
  checkIns,
  checkInSetup,
  locationPrivacy,
  duty,
  tracking,
  activity,
  attendance,
  leave,
  reports,
];
