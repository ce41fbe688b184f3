/** One field of a CSV file: quoted, and never begun so that a spreadsheet would run it. */
function field(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === 'string' ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

type Row = readonly (string | number | null)[];

/** RFC 4180. */
export const csvOf = (rows: readonly Row[]): string => rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');

/** What `csvOf` wrote, cell by cell; without the apostrophe before what a spreadsheet would run. */
export const linesOf = (csv: string): string[][] =>
  csv
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = '']) =>
        cell.replaceAll('""', '"').replace(/^'(?=[=+\-@\t\r])/, ''),
      ),
    );

/** The month before an instant, as dates; its end is not included. */
export function monthBefore(now: Date): { from: string; to: string } {
  const day = (month: number) => new Date(Date.UTC(now.getUTCFullYear(), month, 1)).toISOString().slice(0, 10);
  return { from: day(now.getUTCMonth() - 1), to: day(now.getUTCMonth()) };
}
