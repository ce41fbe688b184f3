import type { NodeStatus } from '@loro/contracts/platform';
import { Badge, type Tone } from '../../ui/badge';
import { formatAge, formatCount } from '../../ui/format';
import { formatBytes, formatMs, formatRate, formatSeconds } from './figures';

/** Older than this, a node's own word is not to be relied on. */
const QUIET_MS = 7_000;

interface Figure {
  name: string;
  value: string;
  tone?: Tone;
}

export function NodeCard({ node, now }: { node: NodeStatus; now: number }) {
  const isQuiet = now - Date.parse(node.at) > QUIET_MS;
  return (
    <li className="node-card" data-quiet={isQuiet || undefined}>
      <header className="node-head">
        <h3 className="truncate" title={node.name}>
          {node.name}
        </h3>
        <Badge tone={node.kind === 'gateway' ? 'info' : 'neutral'}>{node.kind}</Badge>
        {isQuiet && <Badge tone="warn">quiet</Badge>}
      </header>
      <p className="muted small">
        Up for {formatAge(now - Date.parse(node.startedAt))}, version {node.version}
      </p>
      <dl className="node-figures">
        {figuresOf(node).map(({ name, value, tone }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{tone ? <Badge tone={tone}>{value}</Badge> : value}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

function figuresOf(node: NodeStatus): Figure[] {
  const shared: Figure[] = [
    { name: 'Loop lag, p50', value: formatMs(node.eventLoopLagP50Ms) },
    { name: 'Loop lag, p99', value: formatMs(node.eventLoopLagP99Ms), ...warnAbove(node.eventLoopLagP99Ms, 80) },
    { name: 'Memory', value: formatBytes(node.rssBytes) },
    { name: 'Outbox age', value: formatSeconds(node.outboxAgeSeconds), ...warnAbove(node.outboxAgeSeconds, 5) },
    { name: 'Age of rights', value: formatSeconds(node.authzAgeSeconds), ...warnAbove(node.authzAgeSeconds, 2) },
    { name: 'Jobs in queues', value: formatCount(node.queueDepth) },
  ];
  if (node.kind === 'worker') return shared;
  return [
    { name: 'Connections', value: formatCount(node.connections) },
    { name: 'Signed in', value: formatCount(node.sessions) },
    { name: 'Streams', value: formatCount(node.streams) },
    { name: 'Present', value: formatCount(node.presenceMembers) },
    { name: 'Deliveries', value: formatRate(node.deliveriesPerSecond) },
    { name: 'Skipped values', value: formatCount(node.conflated) },
    { name: 'Slow readers', value: formatCount(node.slowReaders), ...warnAbove(node.slowReaders, 0) },
    { name: 'Head lag', value: `${formatCount(node.headLagEvents)} events`, ...warnAbove(node.headLagEvents, 0) },
    { name: 'Fast path', value: node.isFastPathOn ? 'on' : 'off', ...(!node.isFastPathOn && { tone: 'bad' as const }) },
    ...shared,
  ];
}

const warnAbove = (value: number, limit: number): { tone?: Tone } => (value > limit ? { tone: 'warn' } : {});
