import type { SideResult } from './hub';
import type { Side } from './options';
import type { Tally } from './verdict';

const SHOWN = 30;

/** Three digits after the point, and never 100 where one is missing. */
const percent = ({ delivered, expected }: Tally): string => {
  if (expected === 0) return 'nothing was sent';
  const part = (delivered / expected) * 100;
  return `${(delivered === expected ? part : Math.min(part, 99.999)).toFixed(3)} %`;
};

function quantile(values: readonly number[], part: number): string {
  if (values.length === 0) return '–';
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
  return `${(value / 1_000).toFixed(2)} s`;
}

const times = (values: readonly number[]): string => `${quantile(values, 0.5)} / ${quantile(values, 0.99)}`;

function column({ deliveries, accounts, deaths, outages, losses }: SideResult): Record<string, string> {
  const { events, all, byKind, repeated, disordered, strange, repairs, reconnects } = deliveries;
  const of = (count: readonly unknown[] | undefined): string => (count === undefined ? '–' : String(count.length));
  const tally = (kind: string): string => {
    const found = byKind.get(kind);
    return found ? percent(found) : '–';
  };
  return {
    'events published': String(events),
    'deliveries owed': String(all.expected),
    'broken lines': String(outages),
    delivered: percent(all),
    '  to SDK clients': tally('sdk'),
    '  to plain clients': tally('plain'),
    missing: String(all.expected - all.delivered),
    'repeated to the app': String(repeated),
    'out of order': String(disordered),
    'not in the log': String(strange),
    'told to start over, or ended': String(losses.length),
    'commands, sent again': accounts ? `${accounts.commands}, ${accounts.retried}` : '–',
    'acknowledged and missing': of(accounts?.lost),
    'happened twice': of(accounts?.twice),
    'fixes, fence crossings': accounts ? `${accounts.fixes}, ${accounts.crossings}` : '–',
    'reports asked for': accounts ? String(accounts.reports) : '–',
    'jobs lost': of(accounts?.jobs),
    'other things wrong': of(accounts?.odd),
    'repair p50 / p99': times(repairs),
    repairs: String(repairs.length),
    'back after a cut p50 / p99': times(reconnects),
    'processes that died by themselves': String(deaths.length),
  };
}

/** Whether everything that was promised was kept. */
export function isSound({ deliveries, accounts, deaths, losses }: SideResult): boolean {
  const { all, repeated, disordered, strange } = deliveries;
  const wrongs = accounts ? [...accounts.lost, ...accounts.twice, ...accounts.jobs, ...accounts.odd] : [];
  return (
    all.expected > 0 &&
    all.delivered === all.expected &&
    repeated + disordered + strange + deaths.length + losses.length + wrongs.length === 0
  );
}

export function table(results: ReadonlyMap<Side, SideResult>): string {
  const columns = [...results].map(([side, result]) => [side, column(result)] as const);
  const labels = Object.keys(columns[0]?.[1] ?? {});
  const head = ['', ...columns.map(([side]) => side)];
  const lines = [head, ...labels.map((label) => [label, ...columns.map(([, cells]) => cells[label] ?? '')])];
  return lines
    .map(([label = '', ...cells]) => label.padEnd(36) + cells.map((cell) => cell.padStart(20)).join(''))
    .join('\n');
}

/** Everything that is wrong with a side, one a line. */
export function complaints({ deliveries, accounts, deaths, losses }: SideResult): string[] {
  const groups: [string, readonly string[]][] = [
    ['missing', deliveries.missing],
    ['ended or reset', losses],
    ['acknowledged and missing', accounts?.lost ?? []],
    ['twice', accounts?.twice ?? []],
    ['jobs', accounts?.jobs ?? []],
    ['other', accounts?.odd ?? []],
    ['processes', deaths],
  ];
  return groups.flatMap(([title, texts]) => [
    ...texts.slice(0, SHOWN).map((text) => `${title}: ${text}`),
    ...(texts.length > SHOWN ? [`${title}: … ${texts.length - SHOWN} more`] : []),
  ]);
}
