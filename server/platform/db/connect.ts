import 'reflect-metadata';
import { createPool, type Pool } from 'mysql2/promise';
import type { QueryOptions } from 'sequelize';
import { type ModelCtor, Sequelize } from 'sequelize-typescript';
import { context, inContext } from '../context';

// Queries inside a transaction find it by themselves. Sequelize asks for the shape of the cls-hooked package,
// of which it uses these four.
Sequelize.useCLS({
  get: (key: string) => context().cls?.get(key),
  set: (key: string, value: unknown) => {
    context().cls?.set(key, value);
  },
  run: (work: (notes: unknown) => void) =>
    inContext({ ...context(), cls: new Map(context().cls) }, () => work(undefined)),
  bind: (work: unknown) => work,
});

/** We prepare none; the driver makes room for 16 000 a connection, a quarter of a megabyte, before the first. */
const PREPARED_STATEMENTS = 1;

/** Leaves the transaction of the caller, for work that must not be undone with it. */
export const outsideTransaction = <T>(work: () => T): T =>
  inContext({ ...context(), cls: new Map(), unit: undefined }, work);

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly database: string;
  readonly socketPath?: string;
}

/** Reads `mysql://user:password@host:3306/name?socketPath=…`. */
export function databaseAddress(url: string): DatabaseAddress {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const socketPath = searchParams.get('socketPath');
  return {
    host: hostname,
    port: port === '' ? 3306 : Number(port),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    ...(socketPath !== null && { socketPath }),
  };
}

export interface ConnectOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly models: ModelCtor[];
}

/** Sequelize for transactions and associations. */
export function connectSequelize({ url, poolSize, models }: ConnectOptions): Sequelize {
  const { socketPath, ...address } = databaseAddress(url);
  const sequelize = new Sequelize({
    dialect: 'mysql',
    ...address,
    timezone: '+00:00',
    logging: false,
    models,
    pool: { max: poolSize, min: 0, idle: 30_000, acquire: 15_000 },
    dialectOptions: {
      ...(socketPath && { socketPath }),
      charset: 'utf8mb4_unicode_ci',
      supportBigNumbers: true,
      connectTimeout: 5_000,
      maxPreparedStatements: PREPARED_STATEMENTS,
    },
  });
  // Sequelize drops `skipLocked` without a word for this dialect, though both servers know it.
  const { supports } = Reflect.get(sequelize, 'dialect') as { supports: Record<string, unknown> };
  supports['skipLocked'] = true;
  keepMilliseconds(sequelize);
  lockOnlyRows(sequelize);
  return sequelize;
}

/**
 * A statement outside a transaction runs at READ COMMITTED: it locks the rows it changes. At the servers' default, an
 * UPDATE that scans a small table would lock the gaps as well, in which others insert, and be shot as a deadlock.
 */
function lockOnlyRows(sequelize: Sequelize): void {
  sequelize.addHook('afterConnect', async (connection: unknown) => {
    // The driver's own connection, which Sequelize passes on without a type.
    const driver = connection as { promise(): { query(sql: string): Promise<unknown> } };
    await driver.promise().query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  });
}

/**
 * Sequelize writes a Date of raw replacements without its milliseconds, and a cursor cut to the second reads its last
 * rows twice. Texts keep what they say.
 */
function keepMilliseconds(sequelize: Sequelize): void {
  const query = sequelize.query.bind(sequelize) as (sql: unknown, options?: QueryOptions) => Promise<unknown>;
  Reflect.set(sequelize, 'query', (sql: unknown, options?: QueryOptions) =>
    query(sql, options?.replacements ? { ...options, replacements: precise(options.replacements) } : options),
  );
}

type Replacements = NonNullable<QueryOptions['replacements']>;

function precise(replacements: Replacements): Replacements {
  const text = (value: unknown): unknown =>
    value instanceof Date ? value.toISOString().replace('T', ' ').replace('Z', '') : value;
  return Array.isArray(replacements)
    ? replacements.map(text)
    : Object.fromEntries(Object.entries(replacements).map(([name, value]) => [name, text(value)]));
}

/** A plain pool for hot paths, outside Sequelize and outside the transactions it carries along. */
export function connectPool(url: string, poolSize: number): Pool {
  const { socketPath, username, ...address } = databaseAddress(url);
  return createPool({
    ...address,
    user: username,
    ...(socketPath && { socketPath }),
    connectionLimit: poolSize,
    timezone: 'Z',
    charset: 'utf8mb4_unicode_ci',
    supportBigNumbers: true,
    connectTimeout: 5_000,
    maxPreparedStatements: PREPARED_STATEMENTS,
  });
}
