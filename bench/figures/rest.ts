import type { RestResult } from '../load/rest';
import type { Row } from '../rows';
import type { Runs } from '../rounds';
import type { Side } from '../sides';
import type { Person } from '../sides/people';
import type { Group, Result } from './group';

const R1: Row = {
  id: 'R1',
  title: 'REST, one person by id, with JWT and validation',
  unit: 'requests a CPU-second',
  targets: [
    { against: 'Koa + Sequelize', must: { atLeast: 2.5 } },
    { against: 'Koa + mysql2', aim: { atLeast: 0.9 } },
  ],
};
const R2: Row = {
  id: 'R2',
  title: 'REST, a list of 50 people',
  unit: 'requests a CPU-second',
  targets: [{ against: 'Koa + Sequelize', must: { atLeast: 2 }, aim: { atLeast: 4 } }, { against: 'Koa + mysql2' }],
};
// The hub allows 600 requests a minute to a person and 6 000 to an organisation; so many of them stay below that.
const ORGANISATIONS = 60;
const CALLERS = 10;
const PEOPLE = 60;
const CONNECTIONS = 16;
const PATIENCE_MS = 120_000;

export const rest: Group = {
  rows: [R1, R2],
  run: async (stage, wanted) => {
    stage.say(`R: making the people of ${ORGANISATIONS} organisations`);
    const organisations: Person[][] = [];
    for (let index = 0; index < ORGANISATIONS; index += 1)
      organisations.push(await stage.organisation({ staff: 0, auditors: PEOPLE }));
    const sides = await stage.sides(['Koa + Sequelize', 'Koa + mysql2', 'hub']);
    const results = new Map<string, Result>();
    for (const [row, count, pathOf] of [
      [R1, stage.isQuick ? 1_500 : 8_000, ({ userId }: Person) => `/users/${userId}`],
      [R2, stage.isQuick ? 500 : 2_500, () => '/users?limit=50'],
    ] as const) {
      if (!wanted.has(row.id)) continue;
      const runs: Runs<number> = new Map(
        sides.map((side) => [side.name, () => rate(side, count, requestsOf(side, organisations, pathOf))]),
      );
      results.set(row.id, { series: await stage.measure(row.id, sides, runs), remarks: [] });
    }
    return results;
  },
};

interface Request {
  readonly path: string;
  readonly token: string;
}

/** Callers in turn, an organisation each; every one asks for a colleague. */
function requestsOf(side: Side, organisations: readonly Person[][], pathOf: (person: Person) => string): Request[] {
  return Array.from({ length: CALLERS }, (_, caller) => caller).flatMap((caller) =>
    organisations.flatMap((people) => {
      const [token] = side.tokens(people.slice(caller, caller + 1));
      const colleague = people[caller + 1];
      return token === undefined || !colleague ? [] : [{ token, path: prefixOf(side) + pathOf(colleague) }];
    }),
  );
}

const prefixOf = ({ isHub }: Side): string => (isHub ? '/api/v1' : '');

async function rate(side: Side, count: number, requests: readonly Request[]): Promise<number> {
  const { result, cpuUs } = await side.costOf(() =>
    side.load.call<RestResult>(
      'rest',
      { port: side.server.port, connections: CONNECTIONS, count, requests },
      PATIENCE_MS,
    ),
  );
  if (result.firstFailure !== null)
    throw new Error(`${side.name}: ${result.failures} requests failed: ${result.firstFailure}`);
  return (result.ok / cpuUs) * 1e6;
}
