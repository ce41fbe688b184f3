import type { ImportReport, LineError } from '@loro/contracts/people-import';
import { Badge } from '../../ui/badge';
import { formatCount } from '../../ui/format';
import { Empty, Panel } from '../../ui/panel';
import { type Column, Table } from '../../ui/table';

const columns: readonly Column<LineError>[] = [
  { key: 'line', title: 'Line', cell: ({ line }) => line, value: ({ line }) => line, numeric: true },
  { key: 'field', title: 'Field', cell: ({ field }) => field, value: ({ field }) => field },
  { key: 'message', title: 'What is wrong', cell: ({ message }) => message, value: ({ message }) => message },
];

/** What a file would bring, or brought, and what is wrong with its lines. */
export function ImportOutcome({ report }: { report: ImportReport }) {
  const { dryRun, rows, created, updated, unchanged, bad, errors } = report;
  const counts: readonly (readonly [string, number])[] = [
    ['Lines', rows],
    [dryRun ? 'Would be invited' : 'Invited', created],
    [dryRun ? 'Would change' : 'Changed', updated],
    ['As they are', unchanged],
    ['Bad lines', bad],
  ];
  return (
    <Panel
      title={dryRun ? 'What it would bring' : 'What it brought'}
      aside={bad === 0 ? <Badge tone="good">All good</Badge> : <Badge tone="warn">{formatCount(bad)} bad</Badge>}
    >
      <div className="stack" role="status">
        <dl className="facts">
          {counts.map(([title, value]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd className="num">{formatCount(value)}</dd>
            </div>
          ))}
        </dl>
      </div>
      {errors.length > 0 && (
        <Table
          caption="What is wrong, by line"
          columns={columns}
          rows={errors}
          rowKey={({ line, field, code }) => `${line} ${field} ${code}`}
          initialSort={{ key: 'line', direction: 'ascending' }}
        />
      )}
      {rows === 0 && (
        <Empty icon="users" title="No people in this file">
          Below the heading there is no line.
        </Empty>
      )}
    </Panel>
  );
}
