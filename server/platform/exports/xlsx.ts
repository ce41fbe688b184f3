import { type Cell, type Column, type ColumnKind, type Table, wallClock } from './table';
import { type ZipFile, zipOf } from './zip';

/** As many rows a sheet of this format holds. */
const SHEET_ROWS = 1_048_576;
const LONGEST_CELL = 32_767;
const DAY_MS = 86_400_000;
/** Where the format’s days are counted from. */
const EPOCH_MS = Date.UTC(1899, 11, 30);
const XMLNS = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** Index into `cellXfs` below. */
const STYLES: Readonly<Record<ColumnKind, number>> = {
  text: 0,
  number: 0,
  flag: 0,
  date: 2,
  instant: 3,
  minutes: 4,
  seconds: 5,
  days: 6,
};
const WIDTHS: Readonly<Record<ColumnKind, number>> = {
  text: 28,
  number: 12,
  flag: 8,
  date: 12,
  instant: 18,
  minutes: 10,
  seconds: 12,
  days: 10,
};

/**
 * A table as a workbook, written row by row. Cells of text are text, whatever they begin with: this format has formulas
 * in elements of their own, which are never written.
 */
export const xlsxOf = (table: Table, rowsPerSheet = SHEET_ROWS): AsyncGenerator<Buffer> =>
  zipOf(partsOf(table, rowsPerSheet));

async function* partsOf(table: Table, rowsPerSheet: number): AsyncGenerator<ZipFile> {
  const rows = rowsIn(table);
  const more = { rows: true };
  let sheets = 0;
  while (more.rows || sheets === 0) {
    sheets += 1;
    yield { name: `xl/worksheets/sheet${sheets}.xml`, content: sheetOf(table, rows, more, rowsPerSheet) };
  }
  const numbers = Array.from({ length: sheets }, (_, index) => index + 1);
  yield { name: 'xl/workbook.xml', content: whole(workbook(table.title, numbers)) };
  yield { name: 'xl/_rels/workbook.xml.rels', content: whole(relations(numbers)) };
  yield { name: 'xl/styles.xml', content: whole(styles) };
  yield {
    name: '_rels/.rels',
    content: whole(
      `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ),
  };
  yield { name: '[Content_Types].xml', content: whole(contentTypes(numbers)) };
}

async function* rowsIn({ rows }: Table): AsyncGenerator<Readonly<Record<string, Cell>>> {
  yield* rows;
}

async function* sheetOf(
  { columns, timeZone }: Table,
  rows: AsyncGenerator<Readonly<Record<string, Cell>>>,
  more: { rows: boolean },
  rowsPerSheet: number,
): AsyncGenerator<string> {
  const wall = wallClock(timeZone ?? 'UTC');
  yield `${HEAD}<worksheet xmlns="${XMLNS}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`;
  yield columns
    .map(({ kind, label }, index) => {
      const width = Math.max(WIDTHS[kind], Math.min(label.length + 2, 60));
      return `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`;
    })
    .join('');
  yield '</cols><sheetData>';
  yield `<row>${columns.map((column) => textCell(labelOf(column, timeZone), 1)).join('')}</row>`;
  for (let count = 1; count < rowsPerSheet; count += 1) {
    const next = await rows.next();
    if (next.done) {
      more.rows = false;
      break;
    }
    yield `<row>${columns.map((column) => cellOf(column, next.value[column.key], wall)).join('')}</row>`;
  }
  yield '</sheetData></worksheet>';
}

const labelOf = ({ kind, label }: Column, timeZone = 'UTC'): string =>
  kind === 'instant' ? `${label} (${timeZone})` : label;

function cellOf({ kind }: Column, value: Cell, wall: (instant: string) => number): string {
  const style = STYLES[kind];
  if (value === null || value === undefined || value === '') return '<c/>';
  if (typeof value === 'boolean') return `<c t="b"><v>${value ? 1 : 0}</v></c>`;
  if (typeof value === 'number')
    return Number.isFinite(value) ? `<c s="${style}"><v>${measured(kind, value)}</v></c>` : '<c/>';
  if (kind === 'date') return serial(Date.parse(`${value}T00:00:00Z`), style, value);
  if (kind === 'instant') return serial(Number.isNaN(Date.parse(value)) ? Number.NaN : wall(value), style, value);
  return textCell(value, style);
}

function measured(kind: ColumnKind, value: number): number {
  if (kind === 'minutes') return value / 1_440;
  if (kind === 'seconds') return value / 86_400;
  return kind === 'days' ? value / 1_000 : value;
}

const serial = (ms: number, style: number, text: string): string =>
  Number.isNaN(ms) ? textCell(text, 0) : `<c s="${style}"><v>${(ms - EPOCH_MS) / DAY_MS}</v></c>`;

const textCell = (text: string, style: number): string =>
  `<c s="${style}" t="inlineStr"><is><t xml:space="preserve">${xml(text.slice(0, LONGEST_CELL))}</t></is></c>`;

/** Text as XML takes it: without what XML 1.0 has no place for, and escapes of the format itself made harmless. */
function xml(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- these are the very characters that XML has no place for
      .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '')
      .replaceAll(/_(?=x[\dA-Fa-f]{4}_)/g, '_x005F_')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

async function* whole(text: string): AsyncGenerator<string> {
  yield text;
}

/** A sheet’s name: at most 31 characters, none of those that addresses are made of. */
function sheetName(title: string, number: number, count: number): string {
  const suffix = count === 1 ? '' : ` ${number}`;
  const name = title
    .replaceAll(/[\\/*?:[\]]/g, ' ')
    .replaceAll(/^'+|'+$/g, '')
    .trim();
  return xml(`${(name === '' ? 'Table' : name).slice(0, 31 - suffix.length)}${suffix}`);
}

const workbook = (title: string, numbers: readonly number[]): string =>
  `${HEAD}<workbook xmlns="${XMLNS}" xmlns:r="${OFFICE}"><sheets>${numbers
    .map((n) => `<sheet name="${sheetName(title, n, numbers.length)}" sheetId="${n}" r:id="r${n}"/>`)
    .join('')}</sheets></workbook>`;

const relations = (numbers: readonly number[]): string =>
  `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${numbers
    .map((n) => `<Relationship Id="r${n}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${n}.xml"/>`)
    .join('')}<Relationship Id="styles" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`;

const SHEET_TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const contentTypes = (numbers: readonly number[]): string =>
  `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${SHEET_TYPES}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${SHEET_TYPES}.styles+xml"/>${numbers
    .map((n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${SHEET_TYPES}.worksheet+xml"/>`)
    .join('')}</Types>`;

const styles = `${HEAD}<styleSheet xmlns="${XMLNS}"><numFmts count="5"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/><numFmt numFmtId="166" formatCode="[h]:mm"/><numFmt numFmtId="167" formatCode="[h]:mm:ss"/><numFmt numFmtId="168" formatCode="0.###"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="7"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>${[
  164, 165, 166, 167, 168,
]
  .map((id) => `<xf numFmtId="${id}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`)
  .join('')}</cellXfs></styleSheet>`;
