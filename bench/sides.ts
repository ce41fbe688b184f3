import type { Target } from './load/wire';
import { cpuNs } from './measure';
import type { Remote } from './remote';
import type { Person } from './sides/people';

interface Kind {
  readonly file: string;
  readonly wire: Target['wire'];
  readonly welcome: string | null;
  /** Whose tokens it takes. */
  readonly token: 'hubToken' | 'anchorToken';
  /** Which of the engines it is given. */
  readonly engines: readonly ('DATABASE_URL' | 'REDIS_URL')[];
}

const anchor = { wire: 'socket.io', welcome: null, token: 'anchorToken', engines: [] } as const;

/** Every server of the bench, the hub first. */
export const kinds = {
  hub: {
    file: 'server/main.js',
    wire: 'socket.io',
    welcome: 'session:ready',
    token: 'hubToken',
    engines: ['DATABASE_URL', 'REDIS_URL'],
  },
  ws: { ...anchor, file: 'bench/sides/ws.js', wire: 'ws' },
  stock: { ...anchor, file: 'bench/sides/stock.js' },
  'stock + Redis': { ...anchor, file: 'bench/sides/stock.js', engines: ['REDIS_URL'] },
  bare: { ...anchor, file: 'bench/sides/bare.js', engines: ['REDIS_URL'] },
  'Koa + Sequelize': { ...anchor, file: 'bench/sides/koa-sequelize.js', engines: ['DATABASE_URL'] },
  'Koa + mysql2': { ...anchor, file: 'bench/sides/koa-mysql2.js', engines: ['DATABASE_URL'] },
} as const satisfies Record<string, Kind>;
export type SideName = keyof typeof kinds;

/** A server under measure and the load that only it gets. */
export class Side {
  constructor(
    readonly name: SideName,
    readonly server: Remote,
    readonly load: Remote,
    /** Processes that work for it, by name; their CPU is not its own. */
    private readonly besides: ReadonlyMap<string, number>,
  ) {}

  get isHub(): boolean {
    return this.name === 'hub';
  }

  target(namespace: string): Target {
    const { wire, welcome } = kinds[this.name];
    return { wire, welcome, port: this.server.port, namespace };
  }

  tokens(people: readonly Person[]): string[] {
    const { token } = kinds[this.name];
    return people.map((person) => person[token]);
  }

  /** What some work cost this server, and what it cost the processes beside it. */
  async costOf<T>(work: () => Promise<T>): Promise<{ result: T; cpuUs: number; besideUs: Map<string, number> }> {
    const before = new Map([...this.besides].map(([name, pid]) => [name, cpuNs(pid)]));
    const start = cpuNs(this.server.pid);
    const result = await work();
    const cpuUs = (cpuNs(this.server.pid) - start) / 1_000;
    const besideUs = new Map(
      [...this.besides].map(([name, pid]) => [name, (cpuNs(pid) - (before.get(name) ?? 0)) / 1_000]),
    );
    return { result, cpuUs, besideUs };
  }
}
