import type { HubModule } from '../platform';
import { access } from './access';
import { auth } from './auth';
import { branches } from './branches';
import { checkIns } from './check-ins';
import { documents } from './documents';
import { journal } from './journal';
import { people } from './people';
import { reports } from './reports';
import { tracking } from './tracking';

/** Every room, lowest floor first (`floors.json`). */
export const modules: readonly HubModule[] = [
  people,
  branches,
  access,
  auth,
  journal,
  documents,
  checkIns,
  tracking,
  reports,
];
