import { type Cell, clock, type Column, type ColumnKind, minuteText, type Table, wallClock } from './table';

type Document = PDFKit.PDFDocument;

const MARGIN = 36;
const SIZE = 8;
const PAD = 3;
const MOST_LINES = 4;
/** From so many columns on the page lies on its side. */
const WIDE = 6;
/** How much room a column asks for, against the others. */
const SHARES: Readonly<Record<ColumnKind, number>> = {
  text: 3,
  number: 1.3,
  flag: 1,
  date: 1.5,
  instant: 2.2,
  minutes: 1.2,
  seconds: 1.3,
  days: 1.2,
};
const RIGHT: ReadonlySet<ColumnKind> = new Set(['number', 'minutes', 'seconds', 'days']);

interface Layout {
  readonly widths: readonly number[];
  readonly lineHeight: number;
  readonly bottom: number;
}

/** A table on pages, each with the title, the heads of the columns and its number; a page is let go once it is full. */
export async function* pdfOf(table: Table): AsyncGenerator<Buffer> {
  // Fonts and their tables are large, and most processes never write a page.
  const { default: PDFDocument } = await import('pdfkit');
  const document = new PDFDocument({
    size: 'A4',
    layout: table.columns.length >= WIDE ? 'landscape' : 'portrait',
    margin: MARGIN,
    autoFirstPage: false,
    bufferPages: false,
    info: { Title: table.title },
  });
  const pages = new Pages(document, table);
  const show = shower(table.timeZone ?? 'UTC');
  pages.turn();
  for await (const row of table.rows) {
    pages.write(table.columns.map((column) => show(column, row[column.key])));
    yield* taken(document);
  }
  document.end();
  yield* taken(document);
}

/** What the document has ready; it never waits by itself, so nothing is drawn before this was passed on. */
function* taken(document: Document): Generator<Buffer> {
  for (let chunk: unknown = document.read(); chunk !== null; chunk = document.read())
    if (Buffer.isBuffer(chunk)) yield chunk;
}

class Pages {
  private number = 0;
  private y = 0;
  private readonly layout: Layout;

  constructor(
    private readonly document: Document,
    private readonly table: Table,
  ) {
    const isWide = table.columns.length >= WIDE;
    const width = (isWide ? 841.89 : 595.28) - 2 * MARGIN;
    const shares = table.columns.reduce((sum, { kind }) => sum + SHARES[kind], 0);
    document.font('Helvetica').fontSize(SIZE);
    this.layout = {
      widths: table.columns.map(({ kind }) => (SHARES[kind] / shares) * width),
      lineHeight: document.currentLineHeight(true),
      bottom: (isWide ? 595.28 : 841.89) - MARGIN - 2 * SIZE,
    };
  }

  turn(): void {
    const { document, table, layout } = this;
    document.addPage();
    this.number += 1;
    document.font('Helvetica-Bold').fontSize(SIZE + 3);
    document.text(encodable(table.title), MARGIN, MARGIN, { lineBreak: false });
    document.font('Helvetica').fontSize(SIZE);
    document.text(`Page ${this.number}`, MARGIN, layout.bottom + SIZE / 2, { lineBreak: false });
    this.y = MARGIN + 2.2 * SIZE;
    document.font('Helvetica-Bold');
    this.line(
      table.columns.map(({ kind, label }) =>
        encodable(kind === 'instant' ? `${label} (${table.timeZone ?? 'UTC'})` : label),
      ),
    );
    document.font('Helvetica');
  }

  write(cells: readonly string[]): void {
    if (this.y + this.heightOf(cells) > this.layout.bottom) this.turn();
    this.line(cells);
  }

  private line(cells: readonly string[]): void {
    const { document, layout, table } = this;
    const height = this.heightOf(cells);
    let x = MARGIN;
    for (const [index, text] of cells.entries()) {
      const width = layout.widths[index] ?? 0;
      document.text(text, x + PAD, this.y + PAD, {
        width: width - 2 * PAD,
        height: height - 2 * PAD + 1,
        ellipsis: true,
        align: RIGHT.has(table.columns[index]?.kind ?? 'text') ? 'right' : 'left',
      });
      x += width;
    }
    this.y += height;
    document.moveTo(MARGIN, this.y).lineTo(x, this.y).lineWidth(0.3).stroke('#999999');
    document.fillColor('black');
  }

  private heightOf(cells: readonly string[]): number {
    const { document, layout } = this;
    const heights = cells.map((text, index) =>
      document.heightOfString(text, { width: (layout.widths[index] ?? 0) - 2 * PAD }),
    );
    const most = layout.lineHeight * MOST_LINES;
    return Math.min(Math.max(layout.lineHeight, ...heights), most) + 2 * PAD;
  }
}

function shower(timeZone: string): (column: Column, value: Cell) => string {
  const wall = wallClock(timeZone);
  return ({ kind }, value) => {
    if (value === null || value === undefined) return '';
    if (typeof value === 'boolean') return value ? 'yes' : 'no';
    if (typeof value === 'string')
      return kind === 'instant' && !Number.isNaN(Date.parse(value)) ? minuteText(wall(value)) : encodable(value);
    if (kind === 'minutes') return clock(value);
    if (kind === 'seconds') return clock(value / 60);
    return String(kind === 'days' ? value / 1_000 : value);
  };
}

/** What WinAnsi has beside Latin 1. */
const ALSO = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';

/** The fonts that every reader has know Western European letters; others lose their marks, or are shown as `?`. */
function encodable(text: string): string {
  return Array.from(text.replaceAll(/\s+/g, ' '), (sign) => (isKnown(sign) ? sign : bare(sign))).join('');
}

const isKnown = (sign: string): boolean => /^[\u0020-\u007E\u00A0-\u00FF]$/.test(sign) || ALSO.includes(sign);
function bare(sign: string): string {
  const first = sign.normalize('NFKD').slice(0, 1);
  return isKnown(first) ? first : '?';
}
