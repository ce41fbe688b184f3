import { parseArgs } from 'node:util';

export interface Options {
  readonly rounds: number;
  /** Figures to measure; empty means all. */
  readonly only: readonly string[];
  /** Small loads: shows that everything works, measures little. */
  readonly isQuick: boolean;
  /** The figure whose hub side is run under V8's profiler, alone. */
  readonly profile: string | null;
}

const usage = `npm run bench [-- options]
  --rounds N        measured rounds a figure (5; 2 with --quick)
  --only F1,I1      these figures alone
  --quick           small loads, to see that everything works
  --profile F1      run the hub alone under V8's profiler and say where its time went`;

/** @throws Error that says how it is meant */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) throw new Error(usage);
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) throw new Error(`--rounds is 1 to 100.\n\n${usage}`);
  const profile = values.profile?.toUpperCase() ?? null;
  const only = profile === null ? names(values.only) : [profile];
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no figure ${unknown.join(', ')}; there are ${known.join(', ')}.\n\n${usage}`);
  return { rounds: profile === null ? rounds : 1, only, isQuick: values.quick, profile };
}

const names = (list: string | undefined): string[] =>
  (list ?? '')
    .split(',')
    .map((name) => name.trim().toUpperCase())
    .filter((name) => name !== '');
