import { type ReactNode, useMemo, useState } from 'react';
import { Icon } from './icons';
import './table.css';

export interface Column<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** What the column is sorted by. */
  value: (row: Row) => string | number;
  numeric?: boolean;
}

interface TableProps<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  initialSort?: Sort;
}

interface Sort {
  key: string;
  direction: 'ascending' | 'descending';
}

const BATCH = 200;

export function Table<Row>({ caption, columns, rows, rowKey, initialSort }: TableProps<Row>) {
  const [sort, setSort] = useState(initialSort);
  const [shown, setShown] = useState(BATCH);
  const sorted = useMemo(() => sortRows(rows, columns, sort), [rows, columns, sort]);

  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label={caption}>
      <table className="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={column.numeric ? 'table-num' : undefined}
                aria-sort={sort?.key === column.key ? sort.direction : 'none'}
              >
                <button type="button" onClick={() => setSort(nextSort(sort, column))}>
                  {column.title}
                  <Icon name={iconOf(sort, column.key)} size={14} />
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, shown).map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.key} className={column.numeric ? 'table-num num' : undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > shown && (
        <button type="button" className="table-more" onClick={() => setShown(shown + 5 * BATCH)}>
          Show more: {sorted.length - shown} rows left
        </button>
      )}
    </div>
  );
}

function nextSort<Row>(sort: Sort | undefined, column: Column<Row>): Sort {
  // Of numbers one wants the largest first, of names the first.
  const first = column.numeric ? 'descending' : 'ascending';
  if (sort?.key !== column.key) return { key: column.key, direction: first };
  return { key: column.key, direction: sort.direction === 'ascending' ? 'descending' : 'ascending' };
}

function iconOf(sort: Sort | undefined, key: string) {
  if (sort?.key !== key) return 'sort';
  return sort.direction === 'ascending' ? 'sortUp' : 'sortDown';
}

const collator = new Intl.Collator(undefined, { numeric: true });

function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort | undefined): readonly Row[] {
  const column = columns.find(({ key }) => key === sort?.key);
  if (!column || !sort) return rows;
  const sign = sort.direction === 'ascending' ? 1 : -1;
  return rows.toSorted((a, b) => {
    const [left, right] = [column.value(a), column.value(b)];
    if (typeof left === 'number' && typeof right === 'number') return sign * (left - right);
    return sign * collator.compare(String(left), String(right));
  });
}
