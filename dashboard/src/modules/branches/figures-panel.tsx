import type { Branch } from '@loro/contracts/branches';
import { useState } from 'react';
import { hub } from '../../app/hub';
import { Loaded } from '../../app/loaded';
import { usePermission } from '../../app/session';
import { useRequest } from '../../app/use-request';
import { SelectField } from '../../ui/field';
import { formatCalendarDay, formatCount } from '../../ui/format';
import { Empty, Panel } from '../../ui/panel';
import { Segments } from '../../ui/segments';
import { hubNow } from '../../ui/use-now';
import { BarChart } from '../reports/bar-chart';
import { daysBefore, todayIn } from '../reports/dates';

const DAYS = 30;
const fteText = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

/** How many there are, how full it will be, and how it did. */
export function FiguresPanel({ branch }: { branch: Branch }) {
  const maySeeMetrics = usePermission('branches.read-metrics');
  return (
    <>
      <Counts branch={branch} />
      <Capacity branch={branch} />
      {maySeeMetrics && <Metrics branch={branch} />}
    </>
  );
}

function Counts({ branch: { id: branchId } }: { branch: Branch }) {
  const [subtree, setSubtree] = useState<'true' | 'false'>('false');
  const request = useRequest(`${branchId} ${subtree}`, () => hub.branches.figures({ branchId, subtree }));
  return (
    <Panel
      title="How many"
      aside={
        <Segments
          legend="Of what"
          choices={[
            { choice: 'false', title: 'This branch' },
            { choice: 'true', title: 'With all below' },
          ]}
          value={subtree}
          onChange={setSubtree}
        />
      }
    >
      <Loaded request={request} what="the counts" lines={1}>
        {({ branches, members, figures }) => (
          <dl className="facts">
            {subtree === 'true' && <Count title="Branches" value={branches} />}
            <Count title="People" value={members} />
            {Object.entries(figures).map(([name, value]) => (
              <Count key={name} title={titleOf(name)} value={value} />
            ))}
          </dl>
        )}
      </Loaded>
    </Panel>
  );
}

function Count({ title, value }: { title: string; value: number }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd className="num">{formatCount(value)}</dd>
    </div>
  );
}

function Capacity({ branch }: { branch: Branch }) {
  const from = todayIn(branch.timezone, hubNow());
  const input = { branchId: branch.id, from, to: daysBefore(from, -DAYS) };
  const request = useRequest(JSON.stringify(input), () => hub.branches.capacity(input));
  return (
    <Panel title={`The next ${DAYS} days`}>
      <Loaded request={request} what="the days to come">
        {({ days, capacityHeads }) => (
          <div className="stack">
            <p className="small muted">
              {capacityHeads === null
                ? 'Nobody said for how many people the branch is made.'
                : `The branch is made for ${capacityHeads} people.`}
            </p>
            <BarChart
              title="Full-time people there, less who is on leave"
              layout="columns"
              bars={days.map(({ date, fte }) => ({ key: date, label: formatCalendarDay(date), value: fte }))}
              labelTitle="Day"
              valueTitle="Full-time people"
              format={(value) => fteText.format(value)}
            />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Metrics({ branch }: { branch: Branch }) {
  const { id: branchId } = branch;
  const names = useRequest(branchId, () => hub.branches.metricNames({ branchId }));
  const [chosen, setChosen] = useState('');
  const metrics = names.state === 'ready' ? names.data.metrics : [];
  const metric = metrics.includes(chosen) ? chosen : metrics[0];
  return (
    <Panel
      title={`The last ${DAYS} days`}
      aside={
        metrics.length > 1 && (
          <SelectField label="Metric" value={metric} onChange={(event) => setChosen(event.target.value)}>
            {metrics.map((name) => (
              <option key={name} value={name}>
                {titleOf(name)}
              </option>
            ))}
          </SelectField>
        )
      }
    >
      <Loaded request={names} what="the metrics">
        {() => (metric === undefined ? <NoMetrics /> : <Metric branch={branch} metric={metric} />)}
      </Loaded>
    </Panel>
  );
}

const NoMetrics = () => (
  <Empty icon="reports" title="Nothing is measured here">
    Figures that are written for this branch stand here by day.
  </Empty>
);

function Metric({ branch, metric }: { branch: Branch; metric: string }) {
  const today = todayIn(branch.timezone, hubNow());
  const input = { branchId: branch.id, metric, from: daysBefore(today, DAYS - 1), to: daysBefore(today, -1) };
  const request = useRequest(JSON.stringify(input), () => hub.branches.metrics(input));
  return (
    <Loaded request={request} what="the metric">
      {({ days, sum, reached, targeted }) => (
        <div className="stack">
          <p className="small muted num">
            {titleOf(metric)}: {fteText.format(sum)} in all
            {targeted > 0 && `, target reached on ${reached} of ${targeted} days`}
          </p>
          <BarChart
            title={titleOf(metric)}
            layout="columns"
            bars={days.map(({ date, value }) => ({ key: date, label: formatCalendarDay(date), value: value ?? 0 }))}
            labelTitle="Day"
            valueTitle={titleOf(metric)}
            format={(value) => fteText.format(value)}
          />
        </div>
      )}
    </Loaded>
  );
}

/** `open-tasks` reads as "Open tasks". */
function titleOf(name: string): string {
  const words = name.replaceAll(/[.-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
