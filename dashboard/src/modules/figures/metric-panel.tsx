import type { MetricDef } from '@loro/contracts/activity-metrics';
import type { MetricQuery } from '@loro/contracts/activity-values';
import type { Branch } from '@loro/contracts/branches';
import { useState } from 'react';
import type { z } from 'zod';
import { hub } from '../../app/hub';
import { Loaded } from '../../app/loaded';
import { setQuery, useRoute } from '../../app/routes';
import { useRequest } from '../../app/use-request';
import { SelectField } from '../../ui/field';
import { Empty, Panel } from '../../ui/panel';
import { BarChart } from '../reports/bar-chart';
import { useMetrics, valueText } from './use-metrics';

type Resolution = z.output<typeof MetricQuery>['res'];

const spans = [
  { choice: '1h', title: 'The last day, by hour', res: '1h', steps: 24 },
  { choice: '1m', title: 'The last hour, by minute', res: '1m', steps: 60 },
  { choice: '1d', title: 'The last month, by day', res: '1d', steps: 30 },
] as const;

/** One metric over time, of everything or of a branch. */
export function MetricPanel({ branches }: { branches: readonly Branch[] }) {
  const { query } = useRoute();
  const metrics = useMetrics();
  const [branchId, setBranch] = useState('');
  const [span, setSpan] = useState<(typeof spans)[number]>(spans[0]);
  const defs = metrics.state === 'ready' ? metrics.data : [];
  const def = defs.find(({ key }) => key === query.get('metric')) ?? defs[0];
  return (
    <Panel title={def?.name ?? 'Metrics'}>
      <Loaded request={metrics} what="the metrics">
        {() =>
          def ? (
            <div className="stack">
              <div className="paged-tools">
                <SelectField
                  label="Metric"
                  value={def.key}
                  onChange={(event) => setQuery('metric', event.target.value)}
                >
                  {defs.map(({ key, name }) => (
                    <option key={key} value={key}>
                      {name}
                    </option>
                  ))}
                </SelectField>
                <SelectField label="Of" value={branchId} onChange={(event) => setBranch(event.target.value)}>
                  <option value="">Everything I see</option>
                  {branches.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </SelectField>
                <SelectField
                  label="When"
                  value={span.choice}
                  onChange={({ target }) => setSpan(spans.find(({ choice }) => choice === target.value) ?? span)}
                >
                  {spans.map(({ choice, title }) => (
                    <option key={choice} value={choice}>
                      {title}
                    </option>
                  ))}
                </SelectField>
              </div>
              <Course def={def} branchId={branchId} res={span.res} steps={span.steps} />
            </div>
          ) : (
            <Empty icon="reports" title="Nothing is measured yet">
              Metrics appear here as soon as there are some.
            </Empty>
          )
        }
      </Loaded>
    </Panel>
  );
}

interface CourseProps {
  def: MetricDef;
  branchId: string;
  res: Resolution;
  steps: number;
}

const formats: Readonly<Record<Resolution, Intl.DateTimeFormat>> = {
  '1m': new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' }),
  '1h': new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' }),
  '1d': new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' }),
};

function Course({ def, branchId, res, steps }: CourseProps) {
  const question = { metric: def.key, res, steps, branchId: branchId === '' ? null : branchId };
  const request = useRequest(JSON.stringify(question), () => hub.activity.query(question));
  return (
    <Loaded request={request} what="the figures">
      {({ value, unit, series, asOf }) => {
        const [line] = series;
        return (
          <div className="stack">
            <p>
              <strong className="num">{valueText(value, unit)}</strong>{' '}
              <span className="small muted">over the whole span, as of {formats['1m'].format(new Date(asOf))}</span>
            </p>
            {line === undefined && <Empty icon="reports" title="Nothing was measured in this span" />}
            {line && (
              <BarChart
                title={def.name}
                layout="columns"
                bars={line.points.map((point) => ({
                  key: point.at,
                  label: formats[res].format(new Date(point.at)),
                  value: point.value ?? 0,
                }))}
                labelTitle="When"
                valueTitle={def.name}
                format={(number) => valueText(number)}
              />
            )}
          </div>
        );
      }}
    </Loaded>
  );
}
