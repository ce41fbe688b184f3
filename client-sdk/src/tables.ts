// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { authContract } from '@loro/contracts/auth';
import type { branchesContract } from '@loro/contracts/branches';
import type { checkInsContract } from '@loro/contracts/check-ins';
import type { documentsContract } from '@loro/contracts/documents';
import type { hubContract } from '@loro/contracts/hub';
import type { journalContract } from '@loro/contracts/journal';
import type { peopleContract } from '@loro/contracts/people';
import type { platformContract } from '@loro/contracts/platform';
import type { presenceContract } from '@loro/contracts/presence';
import type { reportsContract } from '@loro/contracts/reports';
import type { streamsContract } from '@loro/contracts/streams';
import type { ticketsContract } from '@loro/contracts/tickets';
import type { trackingContract } from '@loro/contracts/tracking';
import { branches } from './entries/branches';
import { checkIns } from './entries/check-ins';
import { documents } from './entries/documents';
import { hub } from './entries/hub';
import { journal } from './entries/journal';
import { people } from './entries/people';
import { platform } from './entries/platform';
import { presence } from './entries/presence';
import { reports } from './entries/reports';
import { streams } from './entries/streams';
import { tickets } from './entries/tickets';

/** The contract of every module that a client can reach. */
export interface Contracts {
  readonly auth: typeof authContract;
  readonly branches: typeof branchesContract;
  readonly 'check-ins': typeof checkInsContract;
  readonly documents: typeof documentsContract;
  readonly hub: typeof hubContract;
  readonly journal: typeof journalContract;
  readonly people: typeof peopleContract;
  readonly platform: typeof platformContract;
  readonly presence: typeof presenceContract;
  readonly reports: typeof reportsContract;
  readonly streams: typeof streamsContract;
  readonly tickets: typeof ticketsContract;
  readonly tracking: typeof trackingContract;
}

/** The modules that need nothing but their table. */
export const modules = { branches, checkIns, documents, hub, journal, people, platform, presence, reports, streams, tickets };
