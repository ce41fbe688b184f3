import type { DailyDistanceRow, ReportResult, ReportRun } from '@loro/contracts/reports';
import { useMemo, useState } from 'react';
import { Button } from '../../ui/button';
import { download } from '../../ui/download';
import { formatCalendarDate, formatCount, formatDistance, formatKm, formatMinutes } from '../../ui/format';
import { Empty, Panel } from '../../ui/panel';
import { Segments } from '../../ui/segments';
import { type Column, Table } from '../../ui/table';
import { BarChart } from './bar-chart';
import { csvOf } from './csv';
import { rangeOf } from './range';
import { type Grouping, type Measure, summarise } from './summary';

const measures = [
  { choice: 'metres', title: 'Distance' },
  { choice: 'movingMinutes', title: 'Moving time' },
] as const;
const groupings = [
  { choice: 'day', title: 'By day' },
  { choice: 'person', title: 'By person' },
] as const;
const formats: Readonly<Record<Measure, (value: number) => string>> = {
  metres: formatDistance,
  movingMinutes: formatMinutes,
};

export function RunResult({ run, result }: { run: ReportRun; result: ReportResult }) {
  if (result.rows.length === 0) {
    return (
      <Panel>
        <Empty icon="reports" title="Nobody moved in these days">
          No position was recorded from {rangeOf(run.params)}.
        </Empty>
      </Panel>
    );
  }
  return (
    <>
      <Totals result={result} />
      <ChartPanel run={run} result={result} />
      <RowsPanel run={run} result={result} />
    </>
  );
}

function Totals({ result: { rows, totals } }: { result: ReportResult }) {
  const facts = [
    { title: 'Distance', value: formatDistance(totals.metres) },
    { title: 'Moving time', value: formatMinutes(totals.movingMinutes) },
    { title: 'People', value: formatCount(totals.people) },
    { title: 'A person and day', value: formatDistance(totals.metres / rows.length) },
  ];
  return (
    <dl className="totals">
      {facts.map(({ title, value }) => (
        <div className="total" key={title}>
          <dt>{title}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function ChartPanel({ run, result }: { run: ReportRun; result: ReportResult }) {
  const [measure, setMeasure] = useState<Measure>('metres');
  const [grouping, setGrouping] = useState<Grouping>(run.params.from === run.params.to ? 'person' : 'day');
  const bars = useMemo(() => summarise(result, run.params, measure, grouping), [result, run.params, measure, grouping]);
  const valueTitle = measure === 'metres' ? 'Distance' : 'Moving time';
  const labelTitle = grouping === 'day' ? 'Day' : 'Person';
  return (
    <Panel
      title="Overview"
      aside={
        <div className="page-tools">
          <Segments legend="Measure" choices={measures} value={measure} onChange={setMeasure} />
          <Segments legend="Group" choices={groupings} value={grouping} onChange={setGrouping} />
        </div>
      }
    >
      <div className={`chart-of-${measure}`}>
        <BarChart
          title={`${valueTitle} by ${labelTitle.toLowerCase()}, ${rangeOf(run.params)}`}
          layout={grouping === 'day' ? 'columns' : 'rows'}
          bars={bars}
          labelTitle={labelTitle}
          valueTitle={valueTitle}
          format={formats[measure]}
        />
      </div>
    </Panel>
  );
}

const columns: readonly Column<DailyDistanceRow>[] = [
  { key: 'name', title: 'Person', cell: ({ name }) => name, value: ({ name }) => name },
  { key: 'date', title: 'Day', cell: ({ date }) => formatCalendarDate(date), value: ({ date }) => date },
  {
    key: 'metres',
    title: 'Distance, km',
    numeric: true,
    cell: ({ metres }) => formatKm(metres),
    value: ({ metres }) => metres,
  },
  {
    key: 'movingMinutes',
    title: 'Moving',
    numeric: true,
    cell: ({ movingMinutes }) => formatMinutes(movingMinutes),
    value: ({ movingMinutes }) => movingMinutes,
  },
  {
    key: 'trackedMinutes',
    title: 'On record',
    numeric: true,
    cell: ({ trackedMinutes }) => formatMinutes(trackedMinutes),
    value: ({ trackedMinutes }) => trackedMinutes,
  },
  {
    key: 'fixes',
    title: 'Fixes',
    numeric: true,
    cell: ({ fixes }) => formatCount(fixes),
    value: ({ fixes }) => fixes,
  },
];

function RowsPanel({ run, result }: { run: ReportRun; result: ReportResult }) {
  const name = `daily-distance-${run.params.from}-${run.params.to}.csv`;
  return (
    <Panel
      title="Every person and day"
      flush
      aside={
        <Button icon="download" onClick={() => download(name, csvOf(result), 'text/csv;charset=utf-8')}>
          Download CSV
        </Button>
      }
    >
      <Table
        caption="Distance and time of every person and day"
        columns={columns}
        rows={result.rows}
        rowKey={({ trackableId, date }) => trackableId + date}
        initialSort={{ key: 'metres', direction: 'descending' }}
      />
    </Panel>
  );
}
