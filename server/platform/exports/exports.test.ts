import { buffer, json, text } from 'node:stream/consumers';
import { inflateSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { XMLParser } from 'fast-xml-parser';
import { fromBuffer } from 'yauzl';
import { type Cell, type Column, type ExportFormat, exportFeed, exportFormats, exportTable } from './index';
import { xlsxOf } from './xlsx';

const columns: Column[] = [
  { key: 'name', label: 'Person', kind: 'text' },
  { key: 'date', label: 'Day', kind: 'date' },
  { key: 'in', label: 'First in', kind: 'instant' },
  { key: 'worked', label: 'Worked', kind: 'minutes' },
  { key: 'balance', label: 'Balance', kind: 'days' },
  { key: 'late', label: 'Late', kind: 'flag' },
  { key: 'visits', label: 'Visits', kind: 'number' },
];
const row = {
  name: 'Zoë "Z", Nkosi',
  date: '2026-11-25',
  in: '2026-11-25T06:30:00.000Z',
  worked: 485,
  balance: -1_750,
  late: false,
  visits: -3,
};
const nothing = { name: null, date: null, in: null, worked: null, balance: null, late: null, visits: null };
const tableOf = (format: ExportFormat, rows: Iterable<Record<string, Cell>> = [row, nothing]) =>
  exportTable({ format, title: 'Time sheet: week 48', columns, rows, timeZone: 'Africa/Johannesburg' });

/** The files of an archive, as an ordinary reader of archives sees them. */
function unzipped(archive: Buffer): Promise<Map<string, string>> {
  return new Promise((resolve, reject) => {
    fromBuffer(archive, { lazyEntries: true }, (failure, zip) => {
      if (!zip) return reject(failure ?? new Error('no archive'));
      const files = new Map<string, string>();
      zip.on('error', reject);
      zip.on('end', () => resolve(files));
      zip.on('entry', (entry: { fileName: string; crc32: number }) => {
        zip.openReadStream(entry as never, (error, stream) => {
          if (!stream) return reject(error ?? new Error('no file'));
          const parts: Buffer[] = [];
          stream.on('error', reject);
          stream.on('data', (part: Buffer) => parts.push(part));
          stream.on('end', () => {
            files.set(entry.fileName, Buffer.concat(parts).toString());
            zip.readEntry();
          });
        });
      });
      zip.readEntry();
    });
  });
}

/** Rows of a sheet: of each cell its text, or its number, truth or nothing. */
function sheetRows(files: Map<string, string>, name = 'xl/worksheets/sheet1.xml'): unknown[][] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    trimValues: false,
    parseTagValue: false,
    isArray: (tag) => tag === 'row' || tag === 'c',
  });
  const sheet = parser.parse(files.get(name) ?? '');
  return sheet.worksheet.sheetData.row.map((each: { c: unknown[] }) =>
    each.c.map((cell) => {
      const { is, v } = (cell === '' ? {} : cell) as { is?: { t: { '#text'?: string } }; v?: string };
      if (is) return is.t['#text'] ?? '';
      return v === undefined ? null : Number(v);
    }),
  );
}

/** The texts of each page of a PDF, in the order in which they were drawn. */
function pagesOf(file: Buffer): string[][] {
  const raw = file.toString('latin1');
  return [...raw.matchAll(/stream\n([\s\S]*?)\nendstream/g)].flatMap(([, content = '']) => {
    const drawn = inflateSync(Buffer.from(content, 'latin1')).toString('latin1');
    const texts = [...drawn.matchAll(/\[((?:<[\da-f]*> ?-?[\d.]* ?)+)\] TJ/g)].map(([, parts = '']) =>
      [...parts.matchAll(/<([\da-f]*)>/g)].map(([, hex = '']) => Buffer.from(hex, 'hex').toString('latin1')).join(''),
    );
    return texts.length > 0 ? [texts] : [];
  });
}

describe('a table as comma separated values', () => {
  it('is read back as it was, days as days and instants in UTC', async () => {
    const { body, contentType, extension } = tableOf('csv');

    expect(parse(await text(body))).toEqual([
      ['Person', 'Day', 'First in', 'Worked', 'Balance', 'Late', 'Visits'],
      ['Zoë "Z", Nkosi', '2026-11-25', '2026-11-25T06:30:00.000Z', '485', '-1.75', 'false', '-3'],
      ['', '', '', '', '', '', ''],
    ]);
    expect({ contentType, extension }).toEqual({ contentType: 'text/csv; charset=utf-8', extension: 'csv' });
  });

  it.each(['=1+1', '+27821234567', '-2+3', '@SUM(A1)', '\t=1'])(
    'never lets a spreadsheet calculate %j',
    async (name) => {
      const [, [cell] = []] = parse(await text(tableOf('csv', [{ ...row, name }]).body));

      expect(cell).toBe(`'${name}`);
    },
  );

  it('keeps a negative number a number', async () => {
    const [, line = []] = parse(await text(tableOf('csv').body));

    expect(line[6]).toBe('-3');
  });
});

describe('a table as a workbook', () => {
  it('holds text as text and the rest as numbers that a spreadsheet can add up', async () => {
    const files = await unzipped(await buffer(tableOf('xlsx').body));

    const [head, first, second] = sheetRows(files);
    expect(head).toEqual(['Person', 'Day', 'First in (Africa/Johannesburg)', 'Worked', 'Balance', 'Late', 'Visits']);
    // 25 November 2026 is day 46 351 of the format; 08:30 in Johannesburg is 17/48 of it; 485 minutes are 97/288.
    expect(first).toEqual([
      row.name,
      46_351,
      expect.closeTo(46_351 + 17 / 48, 8),
      expect.closeTo(97 / 288, 8),
      -1.75,
      0,
      -3,
    ]);
    expect(second).toEqual([null, null, null, null, null, null, null]);
    expect(files.get('xl/workbook.xml')).toContain('<sheet name="Time sheet  week 48" sheetId="1" r:id="r1"/>');
    expect([...files.keys()].toSorted()).toEqual([
      '[Content_Types].xml',
      '_rels/.rels',
      'xl/_rels/workbook.xml.rels',
      'xl/styles.xml',
      'xl/workbook.xml',
      'xl/worksheets/sheet1.xml',
    ]);
  });

  it('writes no formula, whatever a text begins with, and no sign that its format has no place for', async () => {
    const names = ['=1+1', '<b>&"', 'bell\u0007', '_x000D_', ' both '];
    const files = await unzipped(
      await buffer(
        tableOf(
          'xlsx',
          names.map((name) => ({ ...row, name })),
        ).body,
      ),
    );

    expect(files.get('xl/worksheets/sheet1.xml')).not.toMatch(/<f[ >]/);
    const texts = sheetRows(files).map(([name]) => name);
    expect(texts.slice(1)).toEqual(['=1+1', '<b>&"', 'bell', '_x005F_x000D_', ' both ']);
  });

  it('goes on with another sheet where one is full', async () => {
    const rows = Array.from({ length: 5 }, (_, index) => ({ ...row, name: `Person ${index}` }));
    const archive = xlsxOf({ title: 'Long', columns, rows }, 4);

    const parts: Buffer[] = [];
    for await (const part of archive) parts.push(part);
    const files = await unzipped(Buffer.concat(parts));

    const namesIn = (sheet: number) => sheetRows(files, `xl/worksheets/sheet${sheet}.xml`).map(([name]) => name);
    expect([namesIn(1), namesIn(2)]).toEqual([
      ['Person', 'Person 0', 'Person 1', 'Person 2'],
      ['Person', 'Person 3', 'Person 4'],
    ]);
    expect(files.get('xl/workbook.xml')).toContain('name="Long 2"');
  });
});

describe('a table on pages', () => {
  it('says everything, in the local time of its readers', async () => {
    const [page = []] = pagesOf(await buffer(tableOf('pdf').body));

    expect(page.join('|')).toBe(
      [
        'Time sheet: week 48',
        'Page 1',
        'Person|Day|First in (Africa/Johannesburg)|Worked|Balance|Late|Visits',
        'Zoë "Z", Nkosi|2026-11-25|2026-11-25 08:30|8:05|-1.75|no|-3',
      ].join('|'),
    );
  });

  it('repeats title and heads on every page, and loses no row between them', async () => {
    const rows = Array.from({ length: 120 }, (_, index) => ({ ...row, name: `Person ${index}` }));

    const pages = pagesOf(await buffer(tableOf('pdf', rows).body));

    expect(pages.length).toBeGreaterThan(2);
    for (const [index, page] of pages.entries()) {
      expect(page.slice(0, 3)).toEqual(['Time sheet: week 48', `Page ${index + 1}`, 'Person']);
    }
    expect(pages.flat().filter((drawn) => drawn.startsWith('Person '))).toEqual(rows.map(({ name }) => name));
  });

  it('breaks a long text over lines inside its column', async () => {
    const name = 'a person with a name that is longer than the column can hold in a single line of it';
    const [page = []] = pagesOf(await buffer(tableOf('pdf', [{ ...row, name }]).body));

    expect(page.join(' ')).toContain('Visits a person with');
    expect(page).not.toContain(name);
  });
});

describe('a table as a document', () => {
  it('says its columns, and rows as they are', async () => {
    expect(await json(tableOf('json').body)).toEqual({
      title: 'Time sheet: week 48',
      columns,
      rows: [row, nothing],
    });
  });
});

describe('a table without an end', () => {
  it.each(exportFormats)('is read only as fast as its %s file is taken', async (format) => {
    let made = 0;
    const endless = (function* () {
      for (;;) yield { ...row, name: `Person ${(made += 1)} ${Math.random()}` };
    })();
    const { body } = tableOf(format, endless);

    let taken = 0;
    for await (const chunk of body) {
      taken += (chunk as Buffer).length;
      if (taken > 50_000) break;
    }

    // A row is at least forty bytes, packed: what was read ahead of the taker stays small.
    expect(made).toBeLessThan(10_000);
    expect(body.destroyed).toBe(true);
  });

  it('ends with the error of its rows, not as a whole file', async () => {
    const failing = (function* () {
      yield row;
      throw new Error('the rows ended early');
    })();

    await expect(buffer(tableOf('xlsx', failing).body)).rejects.toThrow('the rows ended early');
  });
});

describe('a download', () => {
  it('has a name that every system takes', () => {
    const table = { format: 'csv', title: 'Leave', columns, rows: [] } as const;

    expect(exportFeed(table, 'leave "2026"\r\nX: y').headers['Content-Disposition']).toBe(
      'attachment; filename="leave-2026-X-y.csv"',
    );
  });
});
