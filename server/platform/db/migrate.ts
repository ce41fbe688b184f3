import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { QueryInterface } from 'sequelize';
import type { Sequelize } from 'sequelize-typescript';
import { SequelizeStorage, Umzug } from 'umzug';

export interface Migration {
  up(context: { queryInterface: QueryInterface; sql: (statement: string) => Promise<void> }): Promise<void>;
  down(context: { queryInterface: QueryInterface; sql: (statement: string) => Promise<void> }): Promise<void>;
}

/** The dated files of `folder`, in one order for the whole database. */
function migrator(sequelize: Sequelize, folder: string): Umzug {
  const queryInterface = sequelize.getQueryInterface();
  const context = {
    queryInterface,
    sql: async (statement: string): Promise<void> => {
      await sequelize.query(statement);
    },
  };
  const files = readdirSync(folder).filter((file) => /^\d{8}-\d{4}-[a-z0-9-]+\.(js|ts)$/.test(file));
  return new Umzug({
    migrations: files.toSorted().map((file) => ({
      name: file.replace(/\.(js|ts)$/, ''),
      up: () => load(folder, file).up(context),
      down: () => load(folder, file).down(context),
    })),
    storage: new SequelizeStorage({ sequelize, tableName: 'migrations' }),
    logger: undefined,
  });
}

// Migrations are found by their dates, so a static import of each would be a list to forget.
const load = (folder: string, file: string): Migration => require(path.join(folder, file)) as Migration;

/** Brings the database up to date; one process at a time does it, the others wait. @returns the names of what was done */
export const migrate = (sequelize: Sequelize, folder: string): Promise<string[]> =>
  alone(sequelize, async () => (await migrator(sequelize, folder).up()).map(({ name }) => name));

/** Takes the newest migration back. @returns its name, or nothing where there is none */
export const revert = (sequelize: Sequelize, folder: string): Promise<string[]> =>
  alone(sequelize, async () => (await migrator(sequelize, folder).down()).map(({ name }) => name));

async function alone<T>(sequelize: Sequelize, work: () => Promise<T>): Promise<T> {
  const connection = await sequelize.connectionManager.getConnection({ type: 'write' });
  const ask = (sql: string) =>
    new Promise<void>((resolve, reject) => {
      // A lock belongs to its connection, and this is the only way to hold on to one.
      (connection as { query: (sql: string, done: (error: Error | null) => void) => void }).query(sql, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  try {
    await ask("SELECT GET_LOCK('loro-hub-migrations', 120)");
    const done = await work();
    await ask("SELECT RELEASE_LOCK('loro-hub-migrations')");
    return done;
  } finally {
    sequelize.connectionManager.releaseConnection(connection);
  }
}
