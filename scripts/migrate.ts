import path from 'node:path';
import { modules } from '../server/modules';
import { createLogger, exitCodeOf, Hub, readConfig, revert } from '../server/platform/boot';
import { prepareDatabase } from '../server/prepare';
import { readDotEnv } from './environment';

const usage = 'Usage: npm run db:migrate [-- down], or npm run db:seed';

/** Brings the database that `DATABASE_URL` names up to date, fills it with the demo company, or takes a migration back. */
async function main(): Promise<void> {
  readDotEnv();
  const config = readConfig();
  const [direction = 'up', ...rest] = process.argv.slice(2);
  if (!['up', 'seed', 'down'].includes(direction) || rest.length > 0) throw new Error(usage);
  if (direction !== 'down') {
    const demo = config.LORO_DEMO || direction === 'seed';
    await prepareDatabase(config, { demo, say: (message) => console.log(message) });
    console.log('database: up to date');
    return;
  }
  const hub = new Hub({ config, log: createLogger('warn', 'migrate'), modules });
  try {
    const [name] = await revert(hub.sequelize, path.join(__dirname, '../server/migrations'));
    console.log(name === undefined ? 'database: nothing to take back' : `database: took back ${name}`);
  } finally {
    await hub.shutdown.end();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(exitCodeOf(error));
});
