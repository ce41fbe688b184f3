import { runImport } from '@loro/contracts/people-import';
import { handle } from '../../platform';
import type { PeopleService } from './people.service';

export const peopleJobs = ({ importJobs }: PeopleService) => [
  handle(runImport, ({ orgId, importId }, { lastAttempt }) => importJobs.run(orgId, importId, lastAttempt)),
];
