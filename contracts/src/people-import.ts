import { z } from 'zod';
import { accept, act, get, list, PageQuery } from './kit/api';
import { job } from './kit/job';
import { Id, Instant } from './kit/values';
import { RoleName } from './people-users';

/** Rows of one file. */
export const IMPORT_ROWS = 5_000;
export const IMPORT_BYTES = 2 * 1024 * 1024;

export const UserImport = z.strictObject({
  /**
   * A heading line, then a person a line: `email` and `name`; `phone`, `jobTitle`, `employeeNo`, `startedOn`,
   * `timezone`, `locale`, `branch` (id or code), `manager` (e-mail) and `roles` (separated by `;`) where they are known.
   */
  csv: z.string().min(1).max(IMPORT_BYTES),
  /** Checks every line and writes nothing. */
  dryRun: z.boolean().default(true),
  /** Takes the good lines and leaves the bad ones; without it one bad line keeps everything out. */
  skipBad: z.boolean().default(false),
  /** For lines without roles of their own. */
  roles: z.array(RoleName).min(1).max(20).default(['staff']),
});

export const LineError = z.object({
  /** Of the file, where the heading is line 1. */
  line: z.number().int(),
  field: z.string(),
  code: z.string(),
  message: z.string(),
});
export type LineError = z.infer<typeof LineError>;

export const ImportReport = z.object({
  dryRun: z.boolean(),
  rows: z.number().int(),
  created: z.number().int(),
  updated: z.number().int(),
  unchanged: z.number().int(),
  bad: z.number().int(),
  /** Of the first thousand bad lines. */
  errors: z.array(LineError),
});
export type ImportReport = z.infer<typeof ImportReport>;

/** The same without a dry run: one looks first, then asks for it to be done. */
export const NewUserImport = UserImport.omit({ dryRun: true });

export const PeopleImport = z.object({
  id: Id,
  state: z.enum(['queued', 'running', 'done', 'failed']),
  /** Lines that were taken so far, of how many. */
  done: z.number().int(),
  total: z.number().int(),
  /** Once it is done; of one that was refused, with the lines that were wrong. */
  report: ImportReport.nullable(),
  /** Why nothing was written. */
  failure: z.object({ code: z.string(), detail: z.string() }).nullable(),
  requestedBy: Id,
  requestedAt: Instant,
  finishedAt: Instant.nullable(),
});
export type PeopleImport = z.infer<typeof PeopleImport>;

/** How far an import has come: what its asker sees, without what it holds. */
export const ImportProgress = PeopleImport.pick({ id: true, state: true, done: true, total: true });

export const runImport = job('people.run-import', {
  payload: z.object({ orgId: Id, importId: Id }),
  summary: 'Invite and change the people of a file',
  attempts: 3,
});

export const importRows = {
  importLater: accept('/users/imports', {
    permission: 'people.write',
    maxBytes: IMPORT_BYTES,
    body: NewUserImport,
    returns: PeopleImport,
    errors: ['IMPORT_RUNNING', 'OWNER_IMMUTABLE'],
    summary: 'The same in the background; `import:progress` tells how far it is',
  }),
  imports: list('/users/imports', {
    permission: 'people.write',
    query: PageQuery,
    returns: PeopleImport,
    summary: 'List imports, newest first',
  }),
  imported: get('/users/imports/:importId', {
    permission: 'people.write',
    returns: PeopleImport,
    summary: 'How an import goes, and what came of it',
  }),
  import: act('/users/import', {
    permission: 'people.write',
    maxBytes: IMPORT_BYTES,
    body: UserImport,
    returns: ImportReport,
    errors: ['EMAIL_TAKEN', 'EMPLOYEE_NO_TAKEN', 'OWNER_IMMUTABLE', 'LICENSE_LIMIT_REACHED'],
    summary: 'Invite and change up to 5 000 people from a CSV file; a dry run unless `dryRun` is false',
  }),
};
