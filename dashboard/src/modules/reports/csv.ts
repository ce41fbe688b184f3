import type { ReportResult } from '@loro/contracts/reports';

/** The report's rows as a spreadsheet reads them: RFC 4180, with a byte order mark so that it knows the encoding. */
export function csvOf({ columns, rows }: ReportResult): string {
  const head = columns.map(({ title, unit }) => field(unit === null ? title : `${title} (${unit})`));
  const lines = rows.map((row) => {
    const values = new Map<string, string | number>(Object.entries(row));
    return columns.map(({ key }) => field(values.get(key) ?? ''));
  });
  return `\uFEFF${[head, ...lines].map((line) => line.join(',')).join('\r\n')}\r\n`;
}

function field(value: string | number): string {
  if (typeof value === 'number') return String(value);
  // A name that begins like a formula would be run by the spreadsheet that opens it.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
