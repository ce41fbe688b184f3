import type { Table } from './table';

/** A table as one JSON document, written row by row; values as they are. */
export async function* jsonOf({ title, columns, rows }: Table): AsyncGenerator<string> {
  yield `{"title":${JSON.stringify(title)},"columns":${JSON.stringify(columns)},"rows":[`;
  let comma = '';
  for await (const row of rows) {
    yield comma + JSON.stringify(Object.fromEntries(columns.map(({ key }) => [key, row[key] ?? null])));
    comma = ',\n';
  }
  yield ']}\n';
}
