import { parseArgs } from 'node:util';

export type Side = 'hub' | 'stock';

export interface SoakOptions {
  readonly gateways: number;
  readonly workers: number;
  readonly clients: number;
  /** How long events are published. */
  readonly publishMs: number;
  /** How long the slowest delivery may take after that. */
  readonly settleMs: number;
  /** Operations a second. */
  readonly rate: number;
  readonly seed: string;
  readonly sides: readonly Side[];
}

export const usage =
  'Usage: npm run soak -- [--gateways 2] [--workers 2] [--clients 300] [--minutes 5 | --seconds 90] [--settle 45]\n' +
  '                       [--rate 10] [--seed blue] [--only hub|stock]';

/** @throws Error that says how it is used */
export function readOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      gateways: { type: 'string', default: '2' },
      workers: { type: 'string', default: '2' },
      clients: { type: 'string', default: '300' },
      minutes: { type: 'string' },
      seconds: { type: 'string' },
      settle: { type: 'string', default: '45' },
      rate: { type: 'string', default: '10' },
      seed: { type: 'string', default: 'blue' },
      only: { type: 'string' },
    },
  });
  const { only } = values;
  if (only !== undefined && only !== 'hub' && only !== 'stock') throw new Error(usage);
  const seconds = values.seconds ?? String(Number(values.minutes ?? '5') * 60);
  return {
    gateways: within(values.gateways, 1, 8),
    workers: within(values.workers, 1, 4),
    clients: within(values.clients, 3, 2_000),
    publishMs: within(seconds, 10, 86_400) * 1_000,
    settleMs: within(values.settle, 5, 600) * 1_000,
    rate: within(values.rate, 1, 500),
    seed: values.seed,
    sides: only === undefined ? ['hub', 'stock'] : [only],
  };
}

function within(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least || value > most)
    throw new Error(`${text} is not between ${least} and ${most}.\n${usage}`);
  return value;
}
