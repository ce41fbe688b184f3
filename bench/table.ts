import { judge, ratiosOf, type Row, type Series, spreadOf, textOf } from './rows';

const round3 = (value: number): string => {
  const size = Math.abs(value);
  if (size >= 10_000) return `${(value / 1_000).toLocaleString('en', { maximumFractionDigits: 0 })}k`;
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
};
const ratio = (value: number): string => (Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2));

export interface Outcome {
  readonly row: Row;
  readonly series: Series;
  readonly remarks: readonly string[];
}

/** Prints one figure: every side's median, and the hub's ratios with what they must be. */
export function printOutcome({ row, series, remarks }: Outcome): void {
  const sides = [...series].map(([side, values]) => `${side} ${round3(spreadOf(values).median)}`);
  console.log(`\n${row.id}  ${row.title}, ${row.unit}\n    ${sides.join('   ')}`);
  for (const line of linesOf({ row, series, remarks })) console.log(`    ${line.join('')}`);
  for (const remark of remarks) console.log(`    ${remark}`);
}

/** The end: all figures under each other. @returns how many `must` are missed */
export function printTable(outcomes: readonly Outcome[]): number {
  console.log(`\n${'─'.repeat(112)}`);
  console.log(
    ['fig.'.padEnd(8), 'hub against'.padEnd(34), 'min'.padStart(7), 'median'.padStart(8), 'max'.padStart(8)].join('') +
      '   must            aim',
  );
  let missed = 0;
  for (const outcome of outcomes)
    for (const line of linesOf(outcome)) {
      if (line[2]?.includes('MISS')) missed += 1;
      console.log(`${outcome.row.id.padEnd(8)}${line.join('')}`);
    }
  console.log('D1      delivery under jitter, gateway kill and Redis outage is measured by `npm run soak`');
  console.log('─'.repeat(112));
  return missed;
}

/** `[against, ratios, must, aim]` of every target that has an anchor in the series. */
function linesOf({ row, series }: Outcome): [string, string, string, string][] {
  const { of = 'hub' } = row;
  return row.targets.flatMap(({ against, must, aim }) => {
    const ratios = ratiosOf(series, of, against);
    if (ratios.length === 0) return [];
    const { min, median, max } = spreadOf(ratios);
    const held = `${of === 'hub' ? '' : `${of} / `}${against}`.padEnd(34);
    const numbers = `${ratio(min).padStart(7)}${ratio(median).padStart(8)}${ratio(max).padStart(8)}`;
    const verdict = (bound: typeof must) =>
      bound ? `${textOf(bound).padEnd(8)}${judge(median, bound).padEnd(6)}` : ''.padEnd(14);
    return [[held, numbers, `   ${verdict(must)}`, `  ${verdict(aim)}`.trimEnd()]];
  });
}
