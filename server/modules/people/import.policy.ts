import { IMPORT_ROWS, type LineError } from '@loro/contracts/people-import';
import { EmployeeNo, RoleName } from '@loro/contracts/people-users';
import { Email, LocalDate, ShortText, TimeZone } from '@loro/contracts/kit/values';
import { Locale, Phone } from '@loro/contracts/people-values';
import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';

const optional = <S extends z.ZodType>(schema: S) => schema.optional();

/** What a line may hold, by its column. */
const columns = {
  email: Email,
  name: ShortText,
  phone: optional(Phone),
  jobTitle: optional(ShortText),
  employeeNo: optional(EmployeeNo),
  startedOn: optional(LocalDate),
  timezone: optional(TimeZone),
  locale: optional(Locale),
  branch: optional(z.string().max(60)),
  manager: optional(Email),
  roles: optional(
    z
      .string()
      .transform((text) => text.split(';').map((role) => role.trim()))
      .pipe(z.array(RoleName.refine((role) => role !== 'owner', { error: 'cannot be given by a file' })).max(20)),
  ),
};
const Line = z.strictObject(columns);
type Column = keyof typeof columns;
const names = Object.keys(columns);

/** A good line, and where it stands in the file. */
export interface ImportLine extends z.output<typeof Line> {
  readonly line: number;
}

export interface ImportFile {
  readonly rows: number;
  readonly lines: readonly ImportLine[];
  readonly errors: readonly LineError[];
}

/** What keeps a whole file from being read. */
export class UnreadableFile extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Reads a file line by line; what is wrong with a line is said of each of its fields. @throws UnreadableFile */
export function readFile(csv: string): ImportFile {
  const records = recordsOf(csv);
  const [heading, ...rest] = records;
  if (!heading) throw new UnreadableFile('no_heading', 'has no heading');
  const header = heading.cells.map(columnOf);
  mustBeHeading(header, heading.cells);
  if (rest.length > IMPORT_ROWS) throw new UnreadableFile('too_many_rows', `has more than ${IMPORT_ROWS} rows`);

  const lines: ImportLine[] = [];
  const errors: LineError[] = [];
  const seen = new Map<string, Set<string>>([
    ['email', new Set()],
    ['employeeNo', new Set()],
  ]);
  for (const { line, cells } of rest) {
    const wrong = [...lengthErrors(line, cells, header), ...readLine({ line, cells, header }, lines, seen)];
    errors.push(...wrong);
    if (wrong.length > 0 && lines.at(-1)?.line === line) lines.pop();
  }
  return { rows: rest.length, lines, errors };
}

/** A cell that a spreadsheet would have run as a formula was written with an apostrophe before it; that is no part of it. */
export const unquoted = (cell: string): string => (/^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

function recordsOf(csv: string): Row[] {
  try {
    const records: Row[] = [];
    // The parser counts a line of two signs twice where it stands in quotes.
    parse(csv.replaceAll(/\r\n?/g, '\n'), {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      delimiter: delimiterOf(csv),
      // One more than may be, to tell that there are more.
      to: IMPORT_ROWS + 2,
      on_record: (cells: string[], { lines }) => {
        // A cell in quotes may go over several lines; the record is counted at its last.
        const within = cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
        records.push({ line: lines - within, cells: cells.map(unquoted) });
        return null;
      },
    });
    return records;
  } catch (error) {
    if (error instanceof CsvError) throw new UnreadableFile('malformed', `cannot be read: ${error.message}`);
    throw error;
  }
}

/** Spreadsheets of many countries separate by semicolons. */
function delimiterOf(csv: string): string {
  const heading = csv.split(/\r?\n/, 1)[0] ?? '';
  return [',', ';', '\t'].toSorted((a, b) => heading.split(b).length - heading.split(a).length)[0] ?? ',';
}

/** `Job title`, `job_title` and `jobTitle` are one. */
function columnOf(heading: string): Column | undefined {
  const plain = heading.replaceAll(/[\s_-]/g, '').toLowerCase();
  return names.find((name): name is Column => name.toLowerCase() === plain);
}

function mustBeHeading(header: readonly (Column | undefined)[], cells: readonly string[]): void {
  const unknown = cells.filter((_, index) => header[index] === undefined);
  if (unknown.length > 0)
    throw new UnreadableFile('unknown_column', `has columns nobody knows: ${unknown.join(', ').slice(0, 200)}`);
  if (new Set(header).size < header.length) throw new UnreadableFile('repeated_column', 'has a column twice');
  for (const name of ['email', 'name'] as const)
    if (!header.includes(name)) throw new UnreadableFile('missing_column', `has no column ${name}`);
}

const lengthErrors = (line: number, cells: readonly string[], header: readonly unknown[]): LineError[] =>
  cells.length <= header.length
    ? []
    : [
        {
          line,
          field: '',
          code: 'too_many_cells',
          message: `has ${cells.length} cells under ${header.length} headings`,
        },
      ];

function readLine(
  { line, cells, header }: Row & { readonly header: readonly (Column | undefined)[] },
  lines: ImportLine[],
  seen: ReadonlyMap<string, Set<string>>,
): LineError[] {
  // An empty cell says nothing.
  const given = header.flatMap((name, index) => {
    const cell = cells[index] ?? '';
    return name === undefined || cell === '' ? [] : [[name, cell] as const];
  });
  const read = Line.safeParse(Object.fromEntries(given));
  if (!read.success)
    return read.error.issues.map(({ path, code, message }) => ({ line, field: String(path[0] ?? ''), code, message }));
  const person = { ...read.data, email: read.data.email.normalize('NFC') };
  const twice = (['email', 'employeeNo'] as const).flatMap((field): LineError[] => {
    const value = person[field]?.toLowerCase();
    if (value === undefined) return [];
    const known = seen.get(field);
    if (known?.has(value)) return [{ line, field, code: 'duplicate', message: 'stands in an earlier line' }];
    known?.add(value);
    return [];
  });
  lines.push({ ...person, line });
  return twice;
}
