import { Readable } from 'node:stream';
import type { Feed } from '../http/routes';
import { csvOf } from './csv';
import { jsonOf } from './json';
import { pdfOf } from './pdf';
import type { Table } from './table';
import { xlsxOf } from './xlsx';

export { csvCell, csvLine } from './csv';
export { zipOf } from './zip';
export type { Cell, Column, Table } from './table';

export const exportFormats = ['csv', 'xlsx', 'pdf', 'json'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface Exported {
  readonly contentType: string;
  readonly extension: ExportFormat;
  readonly body: Readable;
}

const WRITERS: Readonly<
  Record<ExportFormat, readonly [type: string, write: (table: Table) => AsyncIterable<unknown>]>
> = {
  csv: ['text/csv; charset=utf-8', csvOf],
  xlsx: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', (table) => xlsxOf(table)],
  pdf: ['application/pdf', pdfOf],
  json: ['application/json; charset=utf-8', jsonOf],
};

/**
 * A table as a file. Rows are read while the file is taken, and never all of them are in memory; no cell is a formula to
 * the program that opens it.
 * @example exportTable({ format: 'csv', title: 'Days', columns: [{ key: 'date', label: 'Day', kind: 'date' }], rows })
 */
export function exportTable({ format, ...table }: Table & { readonly format: ExportFormat }): Exported {
  const [contentType, write] = WRITERS[format];
  return { contentType, extension: format, body: Readable.from(write(table), { objectMode: false }) };
}

/** The same as the answer of a row of the kind `feed`: a download under this name. */
export function exportFeed(table: Table & { readonly format: ExportFormat }, name: string): Feed {
  const { contentType, extension, body } = exportTable(table);
  const plain = name.replaceAll(/[^\w.-]+/g, '-');
  return {
    status: 200,
    type: contentType,
    headers: { 'Content-Disposition': `attachment; filename="${plain}.${extension}"`, 'Cache-Control': 'no-store' },
    body,
  };
}
