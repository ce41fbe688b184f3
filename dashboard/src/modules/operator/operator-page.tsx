import type { HeardStream, NodeStatus, QueueDepth, SlowReader } from '@loro/contracts/platform';
import { hub } from '../../app/hub';
import { PagedPanel } from '../../app/paged-panel';
import { usePages } from '../../app/use-pages';
import { Badge } from '../../ui/badge';
import { formatAge, formatCount } from '../../ui/format';
import { type Column, Table } from '../../ui/table';
import { useNow } from '../../ui/use-now';
import { formatBytes, formatRate } from './figures';
import { NodeCard } from './node-card';
import './operator.css';

const EVERY_MS = 3_000;

/** How the whole hub does, for those who run it. */
export function OperatorPage() {
  const nodes = usePages<NodeStatus>((input) => hub.platform.nodes(input), { limit: 50, everyMs: EVERY_MS });
  const queues = usePages<QueueDepth>((input) => hub.platform.queues(input), { limit: 50, everyMs: EVERY_MS });
  const slowReaders = usePages<SlowReader>((input) => hub.platform.slowReaders(input), {
    limit: 20,
    everyMs: EVERY_MS,
  });
  const streams = usePages<HeardStream>((input) => hub.platform.streams(input), { limit: 25, everyMs: EVERY_MS });
  const now = useNow();

  return (
    <div className="page operator">
      <header className="operator-title">
        <h1 tabIndex={-1}>Operation</h1>
        <p className="muted">All nodes of this hub, of every organisation. Read again every three seconds.</p>
      </header>
      {nodes.rows && <Totals nodes={nodes.rows} />}
      <PagedPanel
        title="Nodes"
        pages={nodes}
        empty={{ icon: 'screen', title: 'No node has said anything', text: 'A node speaks up every three seconds.' }}
      >
        {(rows) => (
          <ul className="node-grid">
            {rows.map((node) => (
              <NodeCard key={node.id} node={node} now={now} />
            ))}
          </ul>
        )}
      </PagedPanel>
      <div className="operator-columns">
        <PagedPanel
          title="Queues"
          pages={queues}
          empty={{ icon: 'reports', title: 'There are no queues', text: 'No room of this hub asks for jobs.' }}
        >
          {(rows) => <Table caption="Queues" columns={queueColumns} rows={rows} rowKey={({ queue }) => queue} />}
        </PagedPanel>
        <PagedPanel
          title="Slow readers"
          pages={slowReaders}
          empty={{ icon: 'check', title: 'Everybody keeps up', text: 'Connections that do not drain are named here.' }}
        >
          {(rows) => <Table caption="Slow readers" columns={slowColumns(now)} rows={rows} rowKey={({ id }) => id} />}
        </PagedPanel>
      </div>
      <PagedPanel
        title="Streams"
        pages={streams}
        empty={{ icon: 'found', title: 'Nobody listens', text: 'Streams that somebody hears are named here.' }}
      >
        {(rows) => <Table caption="Streams" columns={streamColumns} rows={rows} rowKey={({ stream }) => stream} />}
      </PagedPanel>
    </div>
  );
}

function Totals({ nodes }: { nodes: readonly NodeStatus[] }) {
  const sum = (of: (node: NodeStatus) => number) => nodes.reduce((total, node) => total + of(node), 0);
  const gateways = nodes.filter(({ kind }) => kind === 'gateway').length;
  const totals = [
    { name: 'Gateways', value: formatCount(gateways) },
    { name: 'Workers', value: formatCount(nodes.length - gateways) },
    { name: 'Connections', value: formatCount(sum(({ connections }) => connections)) },
    { name: 'Deliveries', value: formatRate(sum(({ deliveriesPerSecond }) => deliveriesPerSecond)) },
    { name: 'Slow readers', value: formatCount(sum(({ slowReaders }) => slowReaders)) },
  ];
  return (
    <dl className="operator-totals">
      {totals.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const countOf = (key: 'waiting' | 'active' | 'delayed' | 'failed', title: string): Column<QueueDepth> => ({
  key,
  title,
  numeric: true,
  value: (row) => row[key],
  cell: (row) => (key === 'failed' && row.failed > 0 ? <Badge tone="bad">{row.failed}</Badge> : formatCount(row[key])),
});

const queueColumns: readonly Column<QueueDepth>[] = [
  { key: 'queue', title: 'Queue', value: ({ queue }) => queue, cell: ({ queue }) => queue },
  countOf('waiting', 'Waiting'),
  countOf('active', 'Running'),
  countOf('delayed', 'Due later'),
  countOf('failed', 'Failed'),
];

const slowColumns = (now: number): readonly Column<SlowReader>[] => [
  {
    key: 'user',
    title: 'Person',
    value: ({ userId }) => userId ?? '',
    cell: ({ userId }) => <code className="operator-id">{userId ?? 'not signed in'}</code>,
  },
  { key: 'node', title: 'Node', value: ({ node }) => node, cell: ({ node }) => node },
  {
    key: 'bytes',
    title: 'Waiting',
    numeric: true,
    value: ({ bytesQueued }) => bytesQueued,
    cell: ({ bytesQueued }) => formatBytes(bytesQueued),
  },
  {
    key: 'since',
    title: 'For',
    numeric: true,
    value: ({ since }) => -Date.parse(since),
    cell: ({ since }) => formatAge(now - Date.parse(since)),
  },
];

const streamColumns: readonly Column<HeardStream>[] = [
  {
    key: 'stream',
    title: 'Stream',
    value: ({ stream }) => stream,
    cell: ({ stream }) => <code className="operator-id">{stream}</code>,
  },
  { key: 'namespace', title: 'Namespace', value: ({ namespace }) => namespace, cell: ({ namespace }) => namespace },
  { key: 'class', title: 'Class', value: (row) => row.class ?? '', cell: (row) => row.class ?? '–' },
  {
    key: 'listeners',
    title: 'Listeners',
    numeric: true,
    value: ({ listeners }) => listeners,
    cell: ({ listeners }) => formatCount(listeners),
  },
  { key: 'nodes', title: 'Nodes', numeric: true, value: ({ nodes }) => nodes, cell: ({ nodes }) => formatCount(nodes) },
  {
    key: 'n',
    title: 'Events',
    numeric: true,
    value: ({ n }) => n ?? -1,
    cell: ({ n }) => (n === null ? '–' : formatCount(n)),
  },
];
