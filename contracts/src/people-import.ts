import { z } from 'zod';
import { act } from './kit/api';
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

export const importRows = {
  import: act('/users/import', {
    permission: 'people.write',
    maxBytes: IMPORT_BYTES,
    body: UserImport,
    returns: ImportReport,
    errors: ['EMAIL_TAKEN', 'EMPLOYEE_NO_TAKEN', 'OWNER_IMMUTABLE', 'LICENSE_LIMIT_REACHED'],
    summary: 'Invite and change up to 5 000 people from a CSV file; a dry run unless `dryRun` is false',
  }),
};
