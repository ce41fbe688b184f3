import type { Cell, Column, Table } from './table';

/**
 * One cell of text, RFC 4180; line breaks are told as escapes, and what a spreadsheet would calculate gets an
 * apostrophe before it.
 */
export function csvCell(text: string): string {
  const line = text.replaceAll('\r', String.raw`\r`).replaceAll('\n', String.raw`\n`);
  const safe = /^[=+\-@\t]/.test(line) ? `'${line}` : line;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line of cells that are ready. */
export const csvLine = (cells: readonly string[]): string => `${cells.join(',')}\r\n`;

/** A table as comma separated values: numbers as numbers, days as days, instants in UTC. */
export async function* csvOf({ columns, rows }: Table): AsyncGenerator<string> {
  yield csvLine(columns.map(({ label }) => csvCell(label)));
  for await (const row of rows) yield csvLine(columns.map((column) => cellOf(column, row[column.key])));
}

function cellOf({ kind }: Column, value: Cell): string {
  if (value === null || value === undefined) return '';
  // A number is no formula, however it begins; nothing else in it can be one.
  if (typeof value === 'number') return String(kind === 'days' ? value / 1000 : value);
  return csvCell(String(value));
}
